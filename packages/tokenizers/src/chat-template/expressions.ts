/** @file What an expression of a template gives. */
import { attribute, item, keyOf, slice } from './attributes'
import { filter } from './filters'
import { binary } from './operators'
import type { Scope } from './scope'
import { type Argument, type Expression, type Filter, NEGATED_TEST, type Slice, TEST } from './syntax'
import { passes } from './tests'
import {
  type Arguments,
  Float,
  fail,
  isTrue,
  itemsOf,
  numberOf,
  plain,
  string,
  Tuple,
  typeName,
  Undefined,
  type Value,
} from './values'

export function evaluate(expression: Expression, scope: Scope): Value {
  scope.step()
  const of = (part: Expression) => evaluate(part, scope)
  switch (expression.type) {
    case 'StringLiteral':
    case 'IntegerLiteral':
      return expression.value
    case 'FloatLiteral':
      return new Float(expression.value)
    case 'ArrayLiteral':
      return expression.value.map(of)
    case 'TupleLiteral':
      return new Tuple(expression.value.map(of))
    case 'ObjectLiteral':
      return new Map(Array.from(expression.value, ([key, value]) => [keyOf(of(key)), of(value)]))
    case 'Identifier':
      return scope.get(expression.value)
    case 'MemberExpression':
      return member(plain(of(expression.object)), expression.property, expression.computed, scope)
    case 'CallExpression':
      return invoke(of(expression.callee), argumentsOf(expression.args, scope))
    case 'BinaryExpression': {
      const { value: operator } = expression.operator
      const left = of(expression.left)
      if (operator === 'and') return isTrue(left) ? of(expression.right) : left
      if (operator === 'or') return isTrue(left) ? left : of(expression.right)
      return binary(operator, left, of(expression.right))
    }
    case 'UnaryExpression':
      return unary(expression.operator.value, of(expression.argument))
    case 'FilterExpression':
      return filtered(of(expression.operand), expression.filter, scope)
    case 'TestExpression':
      return passes(expression.test.value, of(expression.operand), []) !== expression.negate
    case 'SelectExpression':
      if (isTrue(of(expression.test))) return of(expression.lhs)
      return new Undefined("the inline if-expression evaluated to false and no 'else' was given")
    case 'Ternary':
      return of(isTrue(of(expression.condition)) ? expression.trueExpr : expression.falseExpr)
  }
}

function member(object: Value, property: Expression | Slice, computed: boolean, scope: Scope): Value {
  if (property.type === 'SliceExpression') {
    const bound = (part: Expression | undefined) => (part === undefined ? null : evaluate(part, scope))
    return slice(object, bound(property.start), bound(property.stop), bound(property.step))
  }
  if (!computed && property.type === 'Identifier') return attribute(object, property.value)
  return item(object, plain(evaluate(property, scope)))
}

function unary(operator: string, value: Value): Value {
  if (operator === 'not') return !isTrue(value)
  if (value instanceof Undefined) fail(value.message)
  const number = numberOf(value) ?? fail(`bad operand type for unary ${operator}: '${typeName(value)}'`)
  const signed = operator === '-' ? -number : number
  return value instanceof Float ? new Float(signed) : signed
}

/** `value | name(…)`, or one of the tests with arguments that stand as filters. */
export function filtered(value: Value, named: Filter, scope: Scope): Value {
  const isCall = named.type === 'CallExpression'
  const callee = isCall ? named.callee : named
  if (callee.type !== 'Identifier') fail('a filter is given by its name')
  const args = isCall ? argumentsOf(named.args, scope) : { positional: [], named: new Map() }
  const name = callee.value
  for (const [prefix, wanted] of [
    [NEGATED_TEST, false],
    [TEST, true],
  ] as const)
    if (name.startsWith(prefix)) return passes(name.slice(prefix.length), value, args.positional) === wanted
  return filter(name, value, args)
}

export function invoke(callee: Value, args: Arguments): Value {
  if (typeof callee === 'function') return callee(args)
  return fail(callee instanceof Undefined ? callee.message : `'${typeName(callee)}' object is not callable`)
}

export function argumentsOf(args: readonly Argument[], scope: Scope): Arguments {
  const positional: Value[] = []
  const named = new Map<string, Value>()
  for (const argument of args) {
    if (argument.type === 'KeywordArgumentExpression') {
      named.set(argument.key.value, evaluate(argument.value, scope))
    } else if (argument.type === 'SpreadExpression') {
      positional.push(...itemsOf(evaluate(argument.argument, scope)))
    } else if (argument.type === 'KeywordSpreadExpression') {
      const given = evaluate(argument.argument, scope)
      if (!(given instanceof Map)) fail(`argument after ** must be a mapping, not ${typeName(given)}`)
      for (const [key, value] of given) named.set(string(key), value)
    } else positional.push(evaluate(argument, scope))
  }
  return { positional, named }
}
