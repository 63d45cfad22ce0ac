/** @file Calls of functions in what a model writes: each family of chat templates has a notation of its own. */

/** A call of a function, as chat templates read it. */
export interface ToolCall {
  type: 'function'
  /** Where the model gives one, or its template wants one. */
  id?: string
  function: { name: string; arguments: Record<string, unknown> }
}

/** An answer, and the calls that were taken out of it. */
export interface ParsedAnswer {
  readonly content: string
  readonly tool_calls: ToolCall[]
}

interface Notation {
  /** What a template has that teaches it. */
  readonly template: RegExp
  /** What calls begin with; some tokenizers hold these for special tokens, which texts do not show. */
  readonly markers: readonly string[]
  /** What a call begins with that somebody asks for. */
  readonly opening: string
  /** What calls also begin with. */
  readonly unmarked: readonly string[]
  parse(text: string, tools: Tools): ParsedAnswer | undefined
}

/** The functions there are, and of each its parameters with their types. */
type Tools = ReadonlyMap<string, Readonly<Record<string, { type?: unknown } | undefined>>>

const notations: readonly Notation[] = [
  // Hermes, Qwen 2.5, Qwen 3, SmolLM3: an object in tags, any number of them. SmolLM2: a list in tags. Qwen3-Coder:
  // <function=name><parameter=key>value</parameter></function>, in these tags or without them.
  {
    template: /<tool_call>/,
    markers: ['<tool_call>', '</tool_call>'],
    opening: '<tool_call>\n',
    unmarked: ['<function='],
    parse: parseTags,
  },
  // Mistral 7B v0.3, Nemo: a list. Small 3: [TOOL_CALLS]name[CALL_ID]id[ARGS]{…}.
  {
    template: /\[TOOL_CALLS\]/,
    markers: ['[TOOL_CALLS]', '[CALL_ID]', '[ARGS]'],
    opening: '[TOOL_CALLS]',
    unmarked: [],
    parse: parseMistral,
  },
  // Phi-4-mini: a list in tags, or behind functools.
  {
    template: /<\|tool\|>/,
    markers: ['<|tool_call|>', '<|/tool_call|>'],
    opening: '<|tool_call|>',
    unmarked: ['functools'],
    parse: parsePhi,
  },
  // Llama 3.1 and later: an object without a mark, or behind one; built-in tools as name.call(argument="value").
  {
    template: /<\|python_tag\|>|"parameters": dictionary of argument name/,
    markers: ['<|python_tag|>'],
    opening: '',
    unmarked: ['{'],
    parse: parseLlama,
  },
]

/** The tokens that `parseToolCalls` has to see although texts do not show them. */
export const markers: readonly string[] = notations.flatMap((notation) => notation.markers)

/** What calls begin with in the notation that the template teaches, and the marks of all others. */
export const callStarts = (template: string): string[] =>
  notations.flatMap((notation) => [
    notation.markers[0]!,
    ...(notation.template.test(template) ? notation.unmarked : []),
  ])

/** What makes a model that was taught by the template call a function. */
export const callOpening = (template: string): string =>
  (notations.find((notation) => notation.template.test(template)) ?? notations[0]!).opening

/**
 * The calls in an answer, in the notation that the chat template teaches, or that is marked in the answer.
 * @param tools JSON schemas of the functions there are
 * @returns nothing where there is no call, or one that is not written out
 * @example
 * parseToolCalls('<tool_call>\n{"name": "weather", "arguments": {"city": "Oslo"}}\n</tool_call>', template, tools)
 * // { content: '', tool_calls: [{ type: 'function', function: { name: 'weather', arguments: { city: 'Oslo' } } }] }
 */
export function parseToolCalls(
  text: string,
  template: string,
  tools: readonly object[],
): ParsedAnswer | undefined {
  const known: Tools = new Map(tools.flatMap(toolOf))
  for (const notation of notations) {
    const meant = notation.template.test(template) || text.includes(notation.markers[0]!)
    const parsed = meant ? notation.parse(text, known) : undefined
    if (parsed && parsed.tool_calls.length > 0) return parsed
  }
  return undefined
}

function toolOf(tool: object): [name: string, parameters: Record<string, { type?: unknown }>][] {
  const { function: inner = tool } = tool as { function?: object }
  const { name, parameters } = inner as { name?: unknown; parameters?: { properties?: object } }
  return typeof name === 'string' ? [[name, { ...parameters?.properties }]] : []
}

function parseTags(text: string, tools: Tools): ParsedAnswer | undefined {
  const tool_calls: ToolCall[] = []
  let content = ''
  let read = 0
  for (;;) {
    const opening = /<tool_call>|(?=<function=[^<>\n]+>)/g
    opening.lastIndex = read
    const tag = opening.exec(text)
    if (!tag) break
    const start = tag.index + tag[0].length
    const json = jsonAt(text, start)
    const found = json ? { calls: callsOf(json.value), end: json.end } : functionAt(text, start, tools)
    if (!found?.calls) return undefined
    tool_calls.push(...found.calls)
    content += text.slice(read, tag.index)
    // The end of the text is an end of the call too.
    read = /^\s*(<\/tool_call>)?/.exec(text.slice(found.end))![0].length + found.end
  }
  return { content: (content + text.slice(read)).trim(), tool_calls }
}

/** The call in tags for the function and for each of its parameters that begins at `start`, and where it ends. */
function functionAt(
  text: string,
  start: number,
  tools: Tools,
): { calls: ToolCall[]; end: number } | undefined {
  const [opening, name] = /^\s*<function=([^<>\n]+)>/.exec(text.slice(start)) ?? []
  if (opening === undefined || name === undefined) return undefined
  const given: [string, unknown][] = []
  for (let read = start + opening.length; ; ) {
    const rest = text.slice(read)
    const closing = /^\s*<\/function>/.exec(rest)
    if (closing) return { calls: [callOf(name, Object.fromEntries(given))], end: read + closing[0].length }
    const parameter = /^\s*<parameter=([^<>\n]+)>\n?(.*?)\n?<\/parameter>/s.exec(rest)
    if (!parameter) return undefined
    const [whole, key = '', value = ''] = parameter
    given.push([key, argumentOf(value, tools.get(name)?.[key]?.type)])
    read += whole.length
  }
}

/** What a text means for a parameter of a type: itself for a string, and where nobody says what it should be. */
function argumentOf(text: string, type: unknown): unknown {
  if (type === undefined || type === 'string') return text
  const word = text.trim().toLowerCase()
  // Templates write these as Python does.
  if (word === 'none' || word === 'null') return null
  if (type === 'boolean') return word === 'true'
  const json = jsonAt(text, 0)
  return json && text.slice(json.end).trim() === '' ? json.value : text
}

function parsePhi(text: string): ParsedAnswer | undefined {
  const [content = '', ...parts] = text.split(/<\|tool_call\|>|functools(?=\s*\[)/)
  const calls = parts.map((part) => callsOf(jsonAt(part, 0)?.value))
  if (!calls.every((each) => each !== undefined)) return undefined
  return { content: content.trim(), tool_calls: calls.flat() }
}

function parseMistral(text: string): ParsedAnswer | undefined {
  const [content = '', ...parts] = text.split('[TOOL_CALLS]')
  const tool_calls: ToolCall[] = []
  for (const part of parts) {
    const named = /^\s*([\w.-]+)(?:\[CALL_ID\](\w+))?(?:\[ARGS\])?(?=\s*\{)/.exec(part)
    const json = jsonAt(part, named?.[0].length ?? 0)
    if (!json) return undefined
    const calls = named
      ? callsOf({ name: named[1], arguments: json.value, ...(named[2] !== undefined && { id: named[2] }) })
      : callsOf(json.value)
    if (!calls) return undefined
    tool_calls.push(...calls)
  }
  return { content: content.trim(), tool_calls: tool_calls.map((call) => ({ id: newId(), ...call })) }
}

/** What Mistral's templates want of each call and its answer, and its models may leave out. */
export const newId = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(9)), (byte) => (byte % 36).toString(36)).join('')

function parseLlama(text: string, tools: Tools): ParsedAnswer | undefined {
  const [before = '', marked] = text.split('<|python_tag|>')
  const calls = (marked ?? before).trim()
  const content = marked === undefined ? '' : before.trim()
  const builtIn = /^([\w.]+)\.call\((.*)\)$/s.exec(calls)
  if (builtIn) return { content, tool_calls: [callOf(builtIn[1]!, argumentsOf(builtIn[2]!))] }
  const tool_calls: ToolCall[] = []
  let read = 0
  while (calls[read] === '{') {
    const json = jsonAt(calls, read)
    const found = json && callsOf(json.value)
    // Without a mark, only the name of a function tells a call from an object that was asked for.
    if (!found || (marked === undefined && !tools.has(found[0]!.function.name))) return undefined
    tool_calls.push(...found)
    read = json.end + /^[\s;]*/.exec(calls.slice(json.end))![0].length
  }
  return read === calls.length ? { content, tool_calls } : undefined
}

/** What stands between the parentheses of a call: `query="weather in Oslo", count=2`. */
function argumentsOf(text: string): Record<string, unknown> {
  const found: [string, unknown][] = []
  for (let read = 0; ; ) {
    const name = /^[\s,]*(\w+)\s*=\s*/.exec(text.slice(read))
    if (!name) break
    const json = jsonAt(text, read + name[0].length)
    if (!json) break
    found.push([name[1]!, json.value])
    read = json.end
  }
  return Object.fromEntries(found)
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const callOf = (name: string, given: Record<string, unknown>, id?: unknown): ToolCall => ({
  type: 'function',
  ...(typeof id === 'string' && { id }),
  function: { name, arguments: given },
})

/** An object with a function's name and arguments, or a list of them. */
function callsOf(value: unknown): ToolCall[] | undefined {
  const calls = (Array.isArray(value) ? value : [value]).map((each: unknown) => {
    if (!isObject(each)) return undefined
    const {
      name,
      arguments: given = each.parameters ?? {},
      id,
    } = isObject(each.function) ? each.function : each
    // Some write the arguments' JSON once more as a string.
    const read = typeof given === 'string' ? jsonAt(given, 0)?.value : given
    return typeof name === 'string' && isObject(read) ? callOf(name, read, id) : undefined
  })
  return calls.length > 0 && calls.every((call) => call !== undefined) ? calls : undefined
}

/** The JSON value that begins at `start`, spaces aside, and where it ends, whatever follows. */
function jsonAt(text: string, start: number): { value: unknown; end: number } | undefined {
  const [token] = /^\s*(?:[{[]|"(?:[^"\\]|\\.)*"|[\w.+-]+)/s.exec(text.slice(start)) ?? []
  if (token === undefined) return undefined
  let end = start + token.length
  if (/[{[]$/.test(token)) {
    let depth = 1
    const marks = /"(?:[^"\\]|\\.)*"|[{}[\]]/gs
    marks.lastIndex = end
    while (depth > 0) {
      const mark = marks.exec(text)
      if (!mark) return undefined
      if (mark[0].length === 1) depth += /[{[]/.test(mark[0]) ? 1 : -1
      end = marks.lastIndex
    }
  }
  try {
    return { value: JSON.parse(text.slice(start, end)), end }
  } catch {
    return undefined
  }
}
