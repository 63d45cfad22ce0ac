import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { hubOf } from '../testing/hub'
import { fixtures } from '../testing/node'
import { openTokenizer } from '../testing/recorded'
import { parseToolCalls, type ToolCall } from './tool-calls'

const template = (name: string) =>
  readFileSync(new URL(`../../../tokenizers/fixtures/chat-templates/${name}.jinja`, import.meta.url), 'utf8')
const tools = ['weather', 'add'].map((name) => ({
  type: 'function',
  function: { name, description: '', parameters: { type: 'object', properties: {} } },
}))
const property = (type: string) => ({ type })
const properties = {
  text: property('string'),
  count: property('integer'),
  list: property('array'),
  flag: property('boolean'),
  nothing: property('number'),
}
tools.push({
  type: 'function',
  function: { name: 'typed', description: '', parameters: { type: 'object', properties } },
})
const call = (name: string, given: object, id?: string): ToolCall => ({
  type: 'function',
  ...(id && { id }),
  function: { name, arguments: given as Record<string, unknown> },
})
const oslo = call('weather', { city: 'Oslo' })
const sum = call('add', { a: 1, b: [2, { c: '}"]' }] })
const bare = ({ function: { name, arguments: given } }: ToolCall, key = 'arguments') =>
  JSON.stringify({ name, [key]: given })

/** As Qwen3-Coder writes. */
const tagged = ({ function: { name, arguments: given } }: ToolCall) => {
  const written = Object.entries(given).map(([key, value]) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    return `<parameter=${key}>\n${text}\n</parameter>\n`
  })
  return `<tool_call>\n<function=${name}>\n${written.join('')}</function>\n</tool_call>`
}
const typed = call('typed', { text: '12', count: 12, list: [1, { a: '</x>' }], flag: true, nothing: null })
const lines = call('weather', { city: '  two\n\nlines <b>\n' })

/** What each family writes, and what it means. */
const written: readonly [template: string, text: string, content: string, calls: ToolCall[]][] = [
  ['qwen2.5', `<tool_call>\n${bare(oslo)}\n</tool_call>`, '', [oslo]],
  [
    'qwen3',
    `<think>\nHm.\n</think>\n\n<tool_call>\n${bare(oslo)}\n</tool_call>\n<tool_call>\n${bare(sum)}\n</tool_call>`,
    '<think>\nHm.\n</think>',
    [oslo, sum],
  ],
  ['hermes-2-pro.tool_use', `Let me see. <tool_call>\n${bare(sum)}\n</tool_call>`, 'Let me see.', [sum]],
  ['qwen2.5', `<tool_call>${bare(oslo)}`, '', [oslo]], // the end of the answer ends the call
  ['smollm2', `<tool_call>[${bare(oslo)}, ${bare(sum)}]</tool_call>`, '', [oslo, sum]],
  ['smollm3-unsloth', `<tool_call>\n${bare(oslo)}\n</tool_call>`, '', [oslo]],
  [
    'smollm3-unsloth',
    `<think>\nHm.\n</think>\n<tool_call>\n${bare(oslo)}\n</tool_call>\n<tool_call>${bare(sum)}</tool_call>`,
    '<think>\nHm.\n</think>',
    [oslo, sum],
  ],
  ['qwen3-coder', tagged(oslo), '', [oslo]],
  ['qwen3-coder', `I look.\n\n${tagged(oslo)}\n${tagged(typed)}`, 'I look.', [oslo, typed]],
  // without the outer tags, as its models sometimes write
  ['qwen3-coder', '<function=add>\n</function>\n</tool_call>', '', [call('add', {})]],
  ['qwen3-coder', tagged(lines), '', [lines]],
  ['llama-3.1', bare(oslo, 'parameters'), '', [oslo]],
  ['llama-3.2', ` ${bare(oslo, 'parameters')}; ${bare(sum, 'parameters')}`, '', [oslo, sum]],
  ['llama-3.1', `<|python_tag|>${bare(sum, 'parameters')}`, '', [sum]],
  [
    'llama-3.1',
    '<|python_tag|>brave_search.call(query="rain, in \\"Oslo\\"", count=2)',
    '',
    [call('brave_search', { query: 'rain, in "Oslo"', count: 2 })],
  ],
  [
    'mistral-v0.3',
    `[TOOL_CALLS] [{"name": "weather", "arguments": {"city": "Oslo"}, "id": "abcdefghi"}]`,
    '',
    [call('weather', { city: 'Oslo' }, 'abcdefghi')],
  ],
  ['mistral-nemo', `[TOOL_CALLS][${bare(oslo)}, ${bare(sum)}]`, '', [oslo, sum]],
  [
    'mistral-small-3.2',
    `Well.[TOOL_CALLS]weather[CALL_ID]abcdefghi[ARGS]{"city": "Oslo"}[TOOL_CALLS]add[ARGS]${JSON.stringify(sum.function.arguments)}`,
    'Well.',
    [call('weather', { city: 'Oslo' }, 'abcdefghi'), sum],
  ],
]

/** Mistral's calls have ids. */
const withIds = (name: string, calls: readonly ToolCall[]) =>
  name.startsWith('mistral')
    ? calls.map((each) => ({ id: expect.stringMatching(/^[0-9a-z]{9}$/), ...each }))
    : calls

test.each(written)('%s: %s', (name, text, content, tool_calls) => {
  const calls = withIds(name, tool_calls)
  expect(parseToolCalls(text, template(name), tools)).toEqual({ content, tool_calls: calls })
})

describe('what a template makes of calls is read again:', () => {
  test.each([
    ['hermes-2-pro.tool_use', [oslo, sum]],
    ['qwen2.5', [oslo, sum]],
    ['qwen3', [oslo, sum]],
    ['qwen3-coder', [oslo, typed]],
    ['llama-3.1', [oslo]],
    ['llama-3.2', [sum]],
    ['mistral-v0.3', [oslo, sum]],
    ['mistral-nemo', [oslo, sum]],
    ['mistral-small-3.2', [oslo, sum]],
  ])('%s', async (name, calls) => {
    const tokenizer = await openTokenizer('tiny/llama-writer', hubOf(fixtures))
    const user = { role: 'user', content: 'Oslo?' }
    const ids = calls.map((each, i) => (name.startsWith('mistral') ? { ...each, id: `abcdefgh${i}` } : each))
    const write = (messages: object[]) =>
      tokenizer.applyChatTemplate(messages, { tokenize: false, tools, chatTemplate: template(name) })
    const whole = write([user, { role: 'assistant', content: '', tool_calls: ids }])
    const answer = whole.slice(whole.lastIndexOf('Oslo?') + 'Oslo?'.length)
    // What tells the turns apart is no text of the answer.
    const said = answer.replace(/.*<\|end_header_id\|>/s, '').replace(/<\|eot_id\|>|<\/s>/g, '')
    expect(parseToolCalls(said, template(name), tools)?.tool_calls).toEqual(ids)
  })
})

test.each([
  `Well. <|tool_call|>[${bare(oslo)}, ${bare(sum)}]<|/tool_call|>`,
  `Well. functools[${bare(oslo)}, ${bare(sum)}]`,
])("Phi-4-mini's notation: %s", (text) => {
  // As its template tells of tools: what it says of calls is in the system message.
  const told = '<|system|>You help.<|tool|>[]<|/tool|><|end|>'
  expect(parseToolCalls(text, told, tools)).toEqual({ content: 'Well.', tool_calls: [oslo, sum] })
  expect(parseToolCalls('functools is a module', told, tools)).toBeUndefined()
})

test('arguments may be a string of JSON, or not there', () => {
  const text =
    '<tool_call>{"name": "weather", "arguments": "{\\"city\\": \\"Oslo\\"}"}</tool_call><tool_call>{"name": "add"}</tool_call>'
  expect(parseToolCalls(text, '', tools)?.tool_calls).toEqual([oslo, call('add', {})])
})

describe('is no call:', () => {
  test.each([
    ['a text', 'qwen3', 'It rains in Oslo.'],
    ['an object that no function is named in', 'llama-3.1', '{"name": "Oslo", "parameters": {}}'],
    ['an object of another family', 'qwen3', bare(oslo, 'parameters')],
    ['a call that breaks off', 'qwen3', '<tool_call>\n{"name": "weather", "arguments": {"city": "Os'],
    ['what is no JSON', 'mistral-v0.3', '[TOOL_CALLS] [{name: weather}]'],
    ['tags that break off', 'qwen3-coder', '<tool_call>\n<function=weather>\n<parameter=city>\nOs'],
    ['a program', 'llama-3.1', '<|python_tag|>print(1 + 1)'],
    ['an object with something behind it', 'llama-3.1', `${bare(oslo, 'parameters')} is what I would call.`],
    ['arguments that are none', 'qwen3', '<tool_call>{"name": "weather", "arguments": [1]}</tool_call>'],
    ['a text of a family without calls', 'gemma-3', '```json\n{"name": "weather"}\n```'],
  ])('%s', (_, name, text) => {
    expect(parseToolCalls(text, template(name), tools)).toBeUndefined()
  })
})
