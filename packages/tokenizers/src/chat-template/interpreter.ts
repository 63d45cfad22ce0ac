/** @file Runs a template on values, as Jinja's sandbox does it in Transformers. */
import { argumentsOf, evaluate, filtered, invoke } from './expressions'
import { GLOBALS, loopOver } from './globals'
import { Scope } from './scope'
import {
  type CallBlock,
  type Expression,
  type For,
  GENERATION,
  type Parameter,
  type Statement,
} from './syntax'
import { str } from './text'
import { type Callable, fail, isTrue, itemsOf, Namespace, Tuple, Undefined, type Value } from './values'

/** From where to where, in UTF-16 units, the assistant wrote. */
export type Span = [start: number, end: number]

export interface Rendering {
  text: string
  generated: Span[]
}

/** How a loop's body was left before its end. */
type Leave = 'Break' | 'Continue' | undefined

/** @throws {TokenizerError} when the template raises an exception, or Python would. */
export function run(template: readonly Statement[], variables: Iterable<[string, Value]>): Rendering {
  const scope = new Scope()
  for (const [name, value] of [...GLOBALS, ...variables]) scope.names.set(name, value)
  const interpreter = new Interpreter()
  interpreter.block(template, scope)
  return { text: interpreter.output, generated: interpreter.generated }
}

class Interpreter {
  readonly generated: Span[] = []
  /** What is printed; further in, what macros and blocks print for themselves. */
  private readonly outputs = ['']
  private hasPrinted = false

  get output(): string {
    return this.outputs[0]!
  }

  block(statements: readonly Statement[], scope: Scope): Leave {
    for (const statement of statements) {
      const leave = this.execute(statement, scope)
      if (leave !== undefined) return leave
    }
    return undefined
  }

  private execute(statement: Statement, scope: Scope): Leave {
    scope.step()
    switch (statement.type) {
      case 'If': {
        const holds = isTrue(evaluate(statement.test, scope))
        return this.block(holds ? statement.body : statement.alternate, scope)
      }
      case 'For':
        return this.loop(statement, scope)
      case 'Set': {
        const { assignee, value, body } = statement
        assign(
          assignee,
          value === null ? this.captured(body, new Scope(scope)) : evaluate(value, scope),
          scope,
        )
        return undefined
      }
      case 'Macro': {
        const { name, args, body } = statement
        scope.names.set(name.value, this.callable(name.value, args, body, scope))
        return undefined
      }
      case 'CallStatement':
        return this.callBlock(statement, scope)
      case 'FilterStatement':
        return this.print(
          str(filtered(this.captured(statement.body, new Scope(scope)), statement.filter, scope)),
        )
      case 'Break':
      case 'Continue':
        return statement.type
      case 'Comment':
        return undefined
      default:
        return this.print(str(evaluate(statement, scope)))
    }
  }

  private print(text: string): undefined {
    if (this.outputs.length === 1) this.hasPrinted = true
    this.outputs[this.outputs.length - 1] += text
  }

  /** What statements print, instead of printing it. */
  private captured(statements: readonly Statement[], scope: Scope): string {
    const depth = this.outputs.push('')
    this.block(statements, scope)
    const text = this.outputs[depth - 1]!
    this.outputs.length = depth - 1
    return text
  }

  private loop({ loopvar, iterable, body, defaultBlock }: For, scope: Scope): undefined {
    const selects = iterable.type === 'SelectExpression'
    const all = itemsOf(evaluate(selects ? iterable.lhs : iterable, scope))
    const items = !selects
      ? all
      : all.filter((one) => {
          const inner = new Scope(scope)
          assign(loopvar, one, inner)
          return isTrue(evaluate(iterable.test, inner))
        })
    const loop = namesIn(body).has('loop') ? loopOver(items) : undefined
    let hasEnded = false
    for (const [index, one] of items.entries()) {
      // Each turn has names of its own: what one sets, the next does not see.
      const inner = new Scope(scope)
      if (loop !== undefined) inner.names.set('loop', loop(index))
      assign(loopvar, one, inner)
      const leave = this.block(body, inner)
      if (leave === 'Break') break
      hasEnded ||= leave === undefined
    }
    // As in Jinja, `else` is for loops of which no turn came to its end.
    if (!hasEnded) this.block(defaultBlock, new Scope(scope))
  }

  /** What can be called with these parameters, and gives what the body prints. */
  private callable(
    name: string,
    parameters: readonly Parameter[],
    body: readonly Statement[],
    scope: Scope,
  ): Callable {
    const special = namesIn(body)
    return ({ positional, named }) => {
      const inner = new Scope(scope)
      const others = new Map(named)
      for (const [i, parameter] of parameters.entries()) {
        const key = parameter.type === 'Identifier' ? parameter.value : parameter.key.value
        let value = positional[i]
        if (value === undefined) {
          value = others.get(key)
          others.delete(key)
        }
        if (value === undefined && parameter.type !== 'Identifier') value = evaluate(parameter.value, inner)
        if (value === undefined) value = new Undefined(`parameter '${key}' was not provided`)
        inner.names.set(key, value)
      }
      if (special.has('caller')) {
        inner.names.set('caller', others.get('caller') ?? new Undefined('No caller defined'))
        others.delete('caller')
      }
      if (special.has('kwargs')) inner.names.set('kwargs', new Map(others))
      else for (const key of others.keys()) fail(`macro '${name}' takes no keyword argument '${key}'`)
      if (special.has('varargs')) inner.names.set('varargs', new Tuple(positional.slice(parameters.length)))
      else if (positional.length > parameters.length)
        fail(`macro '${name}' takes not more than ${parameters.length} argument(s)`)
      return this.captured(body, inner)
    }
  }

  private callBlock({ call, callerArgs, body }: CallBlock, scope: Scope): undefined {
    if (call.callee.value === GENERATION) {
      const start = this.output.length
      const text = this.captured(body, new Scope(scope))
      // Transformers tracks nothing until something was printed.
      if (this.hasPrinted) this.generated.push([start, start + text.length])
      return this.print(text)
    }
    const args = argumentsOf(call.args, scope)
    args.named.set('caller', this.callable('caller', callerArgs ?? [], body, scope))
    return this.print(str(invoke(scope.get(call.callee.value), args)))
  }
}

function assign(target: Expression, value: Value, scope: Scope): void {
  if (target.type === 'Identifier') {
    scope.names.set(target.value, value)
  } else if (target.type === 'TupleLiteral') {
    const items = itemsOf(value)
    const { length } = target.value
    if (items.length < length) fail(`not enough values to unpack (expected ${length}, got ${items.length})`)
    if (items.length > length) fail(`too many values to unpack (expected ${length})`)
    for (const [i, part] of target.value.entries()) assign(part, items[i]!, scope)
  } else if (
    target.type === 'MemberExpression' &&
    target.property.type === 'Identifier' &&
    !target.computed
  ) {
    const object = evaluate(target.object, scope)
    if (!(object instanceof Namespace)) fail('cannot assign attribute on non-namespace object')
    object.attributes.set(target.property.value, value)
  } else fail(`a ${target.type} can't be set`)
}

const mentioned = new WeakMap<readonly Statement[], Set<string>>()

/** The names in a body: Jinja gives a loop its `loop`, and a macro `caller`, `kwargs` and `varargs`, only where they are used. */
function namesIn(body: readonly Statement[]): Set<string> {
  const known = mentioned.get(body)
  if (known !== undefined) return known
  const names = new Set<string>()
  mentioned.set(body, names)
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return
    if ('type' in node && node.type === 'Identifier' && 'value' in node) names.add(String(node.value))
    const parts = Array.isArray(node) ? node : node instanceof Map ? [...node].flat() : Object.values(node)
    parts.forEach(visit)
  }
  visit(body)
  return names
}
