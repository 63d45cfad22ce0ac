/** @file Calls of functions in an answer while it is being written: their names and pieces of their arguments, as they come. */
import { callStarts, newId, parseToolCalls, type ToolCall } from '../pipelines/tool-calls'
import { type Member, memberValue, type PartialObject, partialObject } from './json-members'
import type { Callable } from './request'
import { beginningOf } from './stop-texts'
import type { ChatCompletionDelta } from './wire'

/** A call as far as it is written. */
interface WrittenCall {
  readonly name: string
  readonly id?: string
  /** Its arguments as text, what there is of them. */
  readonly given: string
}

/** A mark, and an object behind it. */
const MARKED = /(?:<tool_call>|\[TOOL_CALLS\]|<\|tool_call\|>|<\|python_tag\|>)[^<{]*\{/

/** Takes calls out of a text that comes in pieces. */
export class ToolDeltas {
  /** What was not told yet, because it may be a call or its beginning. */
  #held = ''
  #calling = false
  #said = ''
  /** What was told of each call. */
  readonly #told: string[] = []
  readonly #starts: readonly string[]
  /** Whether an answer that is an object is a call. */
  readonly #bare: boolean

  constructor(readonly callable: Callable) {
    const starts = callStarts(callable.template)
    this.#bare = starts.includes('{')
    this.#starts = starts.filter((start) => start !== '{')
  }

  /** How many calls there are. */
  get count(): number {
    return this.#told.length
  }

  *push(text: string): Generator<ChatCompletionDelta> {
    this.#held += text
    if (!this.#calling) yield* this.#talk()
    if (this.#calling) yield* this.#tell(this.#written())
  }

  /** The rest, once the answer is whole. */
  *end(): Generator<ChatCompletionDelta> {
    const { template, tools } = this.callable
    const parsed = this.#held === '' ? undefined : parseToolCalls(this.#held, template, tools)
    if (!parsed) {
      // Of a call that breaks off, what was told was told; what looked like one and is none is text.
      if (this.count === 0) yield* this.#say(this.#held)
      return
    }
    const { content, tool_calls } = parsed
    if (content !== '') yield* this.#say(content)
    yield* this.#tell(tool_calls.map(whole), true)
  }

  *#say(text: string): Generator<ChatCompletionDelta> {
    if (text === '') return
    this.#said += text
    yield { content: text }
  }

  /** Text up to what may be the beginning of a call. */
  *#talk(): Generator<ChatCompletionDelta> {
    const starts = this.#starts.map((start) => this.#held.indexOf(start)).filter((at) => at >= 0)
    const bare = this.#bare && this.#said === '' && /^\s*\{/.test(this.#held)
    this.#calling = starts.length > 0 || bare
    const end =
      starts.length > 0
        ? Math.min(...starts)
        : bare
          ? 0
          : this.#held.length - beginningOf(this.#starts, this.#held)
    // Space before a call belongs to neither.
    const told = this.#held.slice(0, end).trimEnd().length
    yield* this.#say(this.#held.slice(0, told))
    this.#held = this.#held.slice(told)
  }

  *#tell(calls: readonly WrittenCall[], all = false): Generator<ChatCompletionDelta> {
    for (const [index, { name, id = newId(), given }] of calls.entries()) {
      if (index === this.#told.length) {
        this.#told.push('')
        yield { tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] }
      } else if (all) continue // it was told as it was written
      const before = this.#told[index]!
      if (given.length <= before.length) continue
      this.#told[index] = given
      yield { tool_calls: [{ index, function: { arguments: given.slice(before.length) } }] }
    }
  }

  /** The calls that can be told already. Without a mark none can: what comes behind tells a call from an
   * object that was asked for. Nor can one that is not written as JSON. */
  #written(): WrittenCall[] {
    const calls: WrittenCall[] = []
    if (!MARKED.test(this.#held)) return calls
    for (let at = this.#held.indexOf('{'); at >= 0; ) {
      const object = partialObject(this.#held, at)
      const call = named(this.#held, at, object) ?? membersOfCall(this.#held, object)
      if (!call) break
      calls.push(call)
      if (object.end === undefined) break
      at = this.#held.indexOf('{', object.end)
    }
    return calls
  }
}

/** Mistral Small: `[TOOL_CALLS]name[CALL_ID]id[ARGS]{…}`. */
function named(text: string, at: number, { end }: PartialObject): WrittenCall | undefined {
  const [, name, id] =
    /\[TOOL_CALLS\]\s*([\w.-]+)(?:\[CALL_ID\](\w+))?(?:\[ARGS\])?\s*$/.exec(text.slice(0, at)) ?? []
  return name === undefined
    ? undefined
    : { name, ...(id !== undefined && { id }), given: text.slice(at, end) }
}

function membersOfCall(text: string, { members }: PartialObject): WrittenCall | undefined {
  const value = (key: string) => {
    const member = members.get(key)
    return member && memberValue(text, member)
  }
  const name = value('name')
  const id = value('id')
  const given = members.get('arguments') ?? members.get('parameters')
  // What is no object is for the parser, which sees the whole.
  if (typeof name !== 'string' || !given || text[given.start] !== '{') return undefined
  return { name, ...(typeof id === 'string' && { id }), given: sliceOf(text, given) }
}

const sliceOf = (text: string, { start, end }: Member) => text.slice(start, end)

const whole = ({ id, function: { name, arguments: given } }: ToolCall): WrittenCall => ({
  name,
  ...(id !== undefined && { id }),
  given: JSON.stringify(given),
})
