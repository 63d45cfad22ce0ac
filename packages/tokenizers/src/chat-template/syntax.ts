/** @file A template's text → its syntax tree, by the library; what it has no grammar for is put in words it knows. */
import { parse, tokenize } from '@huggingface/jinja'
import { TokenizerError } from '../errors'

export interface Identifier {
  type: 'Identifier'
  value: string
}
export interface Call {
  type: 'CallExpression'
  callee: Expression
  args: Argument[]
}
export interface KeywordArgument {
  type: 'KeywordArgumentExpression'
  key: Identifier
  value: Expression
}
export type Argument =
  | Expression
  | KeywordArgument
  | { type: 'SpreadExpression'; argument: Expression }
  | { type: 'KeywordSpreadExpression'; argument: Expression }
export type Parameter = Identifier | KeywordArgument
export type Filter = Identifier | Call
export interface Slice {
  type: 'SliceExpression'
  start: Expression | undefined
  stop: Expression | undefined
  step: Expression | undefined
}
/** `value if test` without an `else`; in a loop's head the items to go through. */
export interface Select {
  type: 'SelectExpression'
  lhs: Expression
  test: Expression
}
export interface Sequence {
  type: 'ArrayLiteral' | 'TupleLiteral'
  value: Expression[]
}

export type Expression =
  | Identifier
  | Call
  | Select
  | Sequence
  | { type: 'IntegerLiteral' | 'FloatLiteral'; value: number }
  | { type: 'StringLiteral'; value: string }
  | { type: 'ObjectLiteral'; value: Map<Expression, Expression> }
  | { type: 'MemberExpression'; object: Expression; property: Expression | Slice; computed: boolean }
  | { type: 'BinaryExpression'; operator: { value: string }; left: Expression; right: Expression }
  | { type: 'UnaryExpression'; operator: { value: string }; argument: Expression }
  | { type: 'FilterExpression'; operand: Expression; filter: Filter }
  | { type: 'TestExpression'; operand: Expression; negate: boolean; test: Identifier }
  | { type: 'Ternary'; condition: Expression; trueExpr: Expression; falseExpr: Expression }

export interface For {
  type: 'For'
  loopvar: Expression
  iterable: Expression
  body: Statement[]
  defaultBlock: Statement[]
}
export interface Macro {
  type: 'Macro'
  name: Identifier
  args: Parameter[]
  body: Statement[]
}
export interface CallBlock {
  type: 'CallStatement'
  call: Call & { callee: Identifier }
  callerArgs: Parameter[] | null
  body: Statement[]
}
export interface Assignment {
  type: 'Set'
  assignee: Expression
  value: Expression | null
  body: Statement[]
}

/** A statement, or an expression whose value is printed. */
export type Statement =
  | Expression
  | For
  | Macro
  | CallBlock
  | Assignment
  | { type: 'If'; test: Expression; body: Statement[]; alternate: Statement[] }
  | { type: 'FilterStatement'; filter: Filter; body: Statement[] }
  | { type: 'Break' | 'Continue' | 'Comment' }

type Token = ReturnType<typeof tokenize>[number]

/** What a `{% generation %}` block calls, which says that the assistant wrote what is inside. */
export const GENERATION = '__generation__'

/** Before a filter's name: it is a test with arguments, which the grammar has no room for. */
export const TEST = 'is '
export const NEGATED_TEST = 'is not '

const WHITESPACE_CONTROL = { lstrip_blocks: true, trim_blocks: true }
/** The library's expressions look at runs of spaces again from each space on; real templates have short ones. */
const LONG_SPACES = /\s{1000}/
const GENERATION_TAG = /\{%([-+]?)\s*(end)?generation\s*([-+]?)%\}/g

/** @throws {TokenizerError} when it is no template. */
export function parseTemplate(template: string): Statement[] {
  if (LONG_SPACES.test(template))
    throw new TokenizerError('The chat template has 1,000 spaces or more in a row.')
  const source = template
    .replace(/\r\n?/g, '\n')
    .replace(GENERATION_TAG, (_, left: string, end: string | undefined, right: string) =>
      end === undefined ? `{%${left} call ${GENERATION}() ${right}%}` : `{%${left} endcall ${right}%}`,
    )
  try {
    const tokens = withTests(tokenize(source, WHITESPACE_CONTROL))
    return parse(tokens as Token[]).body as Statement[]
  } catch (cause) {
    throw new TokenizerError(`The chat template is no Jinja template that can be read: ${messageOf(cause)}`, {
      cause,
    })
  }
}

/** A parser that runs out of tokens says nothing of use. */
function messageOf(cause: unknown): string {
  if (cause instanceof TypeError) return 'it ends in the middle of a statement or an expression.'
  return cause instanceof Error ? cause.message : String(cause)
}

const OPENING = new Set(['OpenParen', 'OpenSquareBracket', 'OpenCurlyBracket'])
const CLOSING = new Set(['CloseParen', 'CloseSquareBracket', 'CloseCurlyBracket'])
const VALUES = new Set(['Identifier', 'NumericLiteral', 'StringLiteral'])
const AFTER_TEST = new Set(['else', 'or', 'and', 'is', 'if', 'in', 'not'])

/** `x is divisibleby(2)` and `x is divisibleby 2` as `x | is divisibleby(2)`, a filter that is a test. */
function withTests(tokens: Token[]): Token[] {
  const result: Token[] = []
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i]!
    const negated = tokens[i + 1]?.value === 'not' && tokens[i + 1]?.type === 'Identifier'
    const name = tokens[i + (negated ? 2 : 1)]
    const start = i + (negated ? 3 : 2)
    const end =
      token.value === 'is' && token.type === 'Identifier' && name?.type === 'Identifier'
        ? argumentEnd(tokens, start)
        : start
    const afterAttribute = tokens[i - 1]?.type === 'Dot'
    if (end === start || afterAttribute) {
      result.push(token)
      continue
    }
    const argument = withTests(tokens.slice(start, end))
    const parenthesized = argument[0]!.type === 'OpenParen'
    result.push(
      { type: 'Pipe', value: '|' },
      { type: 'Identifier', value: (negated ? NEGATED_TEST : TEST) + name!.value },
      ...(parenthesized ? [] : [{ type: 'OpenParen', value: '(' } as const]),
      ...argument,
      ...(parenthesized ? [] : [{ type: 'CloseParen', value: ')' } as const]),
    )
    i = end - 1
  }
  return result
}

/** Where the argument of a test ends that starts at `start`; `start` where there is none. */
function argumentEnd(tokens: readonly Token[], start: number): number {
  const first = tokens[start]
  if (first === undefined) return start
  if (VALUES.has(first.type)) {
    if (first.type === 'Identifier' && AFTER_TEST.has(first.value)) return start
    return postfixEnd(tokens, start + 1)
  }
  if (!OPENING.has(first.type)) return start
  // What follows parentheses belongs to the test's answer; what follows a list, to the list.
  const end = closingOf(tokens, start)
  return first.type === 'OpenParen' ? end : postfixEnd(tokens, end)
}

function postfixEnd(tokens: readonly Token[], start: number): number {
  let end = start
  for (;;) {
    const type = tokens[end]?.type
    if (type === 'Dot') end += 2
    else if (type === 'OpenSquareBracket' || type === 'OpenParen') end = closingOf(tokens, end)
    else return end
  }
}

/** One past the bracket that closes the one at `open`. */
function closingOf(tokens: readonly Token[], open: number): number {
  let depth = 0
  for (let i = open; i < tokens.length; i++) {
    if (OPENING.has(tokens[i]!.type)) depth++
    else if (CLOSING.has(tokens[i]!.type) && --depth === 0) return i + 1
  }
  return tokens.length
}
