import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parseToolCalls } from '../pipelines/tool-calls'
import { ToolDeltas } from './tool-deltas'
import type { ChatCompletionDelta, ChatCompletionTool } from './wire'

const templateOf = (name: string) =>
  readFileSync(new URL(`../../../tokenizers/fixtures/chat-templates/${name}.jinja`, import.meta.url), 'utf8')
const tools: ChatCompletionTool[] = ['weather', 'add'].map((name) => ({
  type: 'function',
  function: { name },
}))
const oslo = { name: 'weather', arguments: { city: 'Oslo' } }
const sum = { name: 'add', arguments: { a: -1.5, b: [2, { c: '}"]{' }], d: true } }
const [osloText, sumText] = [JSON.stringify(oslo), JSON.stringify(sum)]
const parameters = ({ name, arguments: given }: { name: string; arguments: object }) =>
  JSON.stringify({ name, parameters: given })

/** What is told of a text that comes in pieces of so many letters. */
function told(text: string, template: string, size: number) {
  const deltas = new ToolDeltas({ tools, template })
  const all: ChatCompletionDelta[] = []
  for (let at = 0; at < text.length; at += size) all.push(...deltas.push(text.slice(at, at + size)))
  const before = all.length
  all.push(...deltas.end())
  const calls: { id?: string; name?: string; arguments: string }[] = []
  for (const call of all.flatMap(({ tool_calls }) => tool_calls ?? [])) {
    calls[call.index] ??= { id: call.id, name: call.function.name, arguments: '' }
    calls[call.index]!.arguments += call.function.arguments
  }
  return {
    content: all.map(({ content }) => content ?? '').join(''),
    calls,
    count: deltas.count,
    all,
    before,
  }
}

const written: readonly [template: string, text: string, calls: number][] = [
  ['qwen2.5', `<tool_call>\n${osloText}\n</tool_call>`, 1],
  [
    'qwen3',
    `<think>\nHm.\n</think>\n\n<tool_call>\n${osloText}\n</tool_call>\n<tool_call>\n${sumText}\n</tool_call>`,
    2,
  ],
  ['hermes-2-pro.tool_use', `Is 1 < 2? Let me see. <tool_call>\n${sumText}\n</tool_call>`, 1],
  ['qwen2.5', `<tool_call>{"arguments": {"city": "Oslo"}, "name": "weather"}`, 1],
  ['smollm2', `<tool_call>[${osloText}, ${sumText}]</tool_call>`, 2],
  ['llama-3.1', parameters(oslo), 1],
  ['llama-3.2', ` ${parameters(oslo)}; ${parameters(sum)}`, 2],
  ['llama-3.1', `<|python_tag|>${parameters(sum)}`, 1],
  ['llama-3.1', '<|python_tag|>brave_search.call(query="rain, in \\"Oslo\\"", count=2)', 1],
  ['mistral-v0.3', `[TOOL_CALLS] [{"name": "weather", "arguments": {"city": "Oslo"}, "id": "abcdefghi"}]`, 1],
  ['mistral-nemo', `[TOOL_CALLS][${osloText}, ${sumText}]`, 2],
  [
    'mistral-small-3.2',
    `Well.[TOOL_CALLS]weather[CALL_ID]abcdefghi[ARGS]{"city": "Oslo"}[TOOL_CALLS]add[ARGS]{"a": 1}`,
    2,
  ],
  ['qwen3', '<tool_call>{"name": "weather", "arguments": "{\\"city\\": \\"Oslo\\"}"}</tool_call>', 1],
  ['qwen3', '<tool_call>{"name": "add"}</tool_call> Done.', 1],
  [
    'qwen2.5',
    'So:\n<tool_call>\n<function=weather>\n<parameter=city>\n{"name": "add", "arguments": {}}\n</parameter>\n</function>\n</tool_call>',
    1,
  ],
  ['qwen2.5', '<function=weather>\n<parameter=city>\nOslo\n</parameter>\n</function>', 1],
]

describe.each([1, 3, 7, 1000])('in pieces of %i letters', (size) => {
  test.each(written)('%s: %s', (name, text, count) => {
    const template = templateOf(name)
    const parsed = parseToolCalls(text, template, tools)!
    const { content, calls } = told(text, template, size)
    expect(content.trim()).toBe(parsed.content)
    expect(calls.map((call) => [call.name, JSON.parse(call.arguments)])).toEqual(
      parsed.tool_calls.map((call) => [call.function.name, call.function.arguments]),
    )
    expect(calls).toHaveLength(count)
    for (const { id } of calls) expect(id).toMatch(/^[0-9a-z]{9}$/)
  })
})

test('a name comes as soon as it is written, and arguments as they are', () => {
  const { all, before } = told(`So: <tool_call>\n${sumText}</tool_call>`, templateOf('qwen3'), 1)
  expect(all.length).toBe(before) // nothing had to wait for the end
  expect(all.slice(0, 3)).toEqual([{ content: 'S' }, { content: 'o' }, { content: ':' }])
  expect(all[3]).toMatchObject({
    tool_calls: [{ index: 0, type: 'function', function: { name: 'add', arguments: '' } }],
  })
  const { length } = JSON.stringify(sum.arguments)
  expect(all.slice(4)).toHaveLength(length)
})

test.each([
  ['a text', 'qwen3', 'It rains in Oslo. 1 < 2 <tool'],
  ['an object that no function is named in', 'llama-3.1', '{"name": "Oslo", "parameters": {}}'],
  ['what is no JSON', 'mistral-v0.3', '[TOOL_CALLS] [{name: weather}]'],
  ['an object with something behind it', 'llama-3.1', `${parameters(oslo)} is what I would call.`],
  ['arguments that are none', 'qwen3', '<tool_call>{"name": "weather", "arguments": [1]}</tool_call>'],
  ['a text of a family without calls', 'gemma-3', '```json\n{"name": "weather"}\n```'],
])('is no call: %s', (_, name, text) => {
  for (const size of [1, 5, 1000]) {
    const { content, count } = told(text, templateOf(name), size)
    expect([content, count]).toEqual([text, 0])
  }
})

test('of a call that breaks off, what there is was told', () => {
  const { content, calls } = told(
    'Hm. <tool_call>\n{"name": "weather", "arguments": {"city": "Os',
    templateOf('qwen3'),
    2,
  )
  expect(content).toBe('Hm.')
  expect(calls).toMatchObject([{ name: 'weather', arguments: '{"city": "Os' }])
})
