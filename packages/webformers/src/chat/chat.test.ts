import { InputError } from '@webformers/runtime'
import { describe, expect, test } from 'vitest'
import { OptionError } from '../errors'
import { DynamicCache } from '../generation/cache'
import type { GenerateOptions } from '../generation/call'
import { GenerationConfig } from '../generation/configuration'
import type { PreTrainedModel } from '../model'
import { type Tensor, toList } from '../tensor'
import { hubOf } from '../testing/hub'
import { fixtures } from '../testing/node'
import { openTokenizer } from '../testing/recorded'
import { ChatClient, type ChatCompletionCreateParams, type ChatCompletionMessageParam } from './index'

const user: ChatCompletionMessageParam = { role: 'user', content: 'Weather in Oslo?' }
const weather = {
  type: 'function' as const,
  function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
}
const add = { type: 'function' as const, function: { name: 'add' } }
const TOOLS =
  '{{ tools | tojson if tools }}<tool_call>{% for m in messages %}{{ m.role }}: {{ m.content }}{% if m.name %} by {{ m.name }}{% endif %}' +
  '{% for c in m.tool_calls %}{{ c.id }} {{ c.function.arguments.city }}{% endfor %}|{% endfor %}'

interface Asked {
  prompt: string
  options: GenerateOptions
}

/** A client whose model writes what it is told to, and remembers what it was asked. */
async function open(answers: string[] = ['Yes.'], own: object = {}, template = TOOLS) {
  const tokenizer = await openTokenizer('tiny/llama-writer', hubOf(fixtures))
  tokenizer.chatTemplate = template
  const asked: Asked[] = []
  const generate = async ({ input_ids }: { input_ids: Tensor }, options: GenerateOptions) => {
    const [ids] = toList<number[][]>(input_ids) as [number[]]
    asked.push({ prompt: tokenizer.decode(ids), options })
    await options.streamer!.put(Int32Array.from(ids))
    const rows = answers
      .slice(0, options.numReturnSequences ?? 1)
      .map((answer) => [...tokenizer.encode(answer, { addSpecialTokens: false }), 2])
    const longest = Math.max(...rows.map(({ length }) => length))
    for (let i = 0; i < longest; i++) await options.streamer!.put(Int32Array.from(rows, (row) => row[i] ?? 2))
  }
  const model = Object.assign((() => {}) as unknown as PreTrainedModel, {
    config: { max_position_embeddings: 4096 },
    generate,
    getGenerationConfig: async () => GenerationConfig.fromJson({ eos_token_id: 2, ...own } as never),
  })
  const client = new ChatClient({ model, tokenizer, name: 'fake' })
  const create = (params: Partial<ChatCompletionCreateParams>) =>
    client.chat.completions.create({ messages: [user], ...params, stream: false })
  return { client, create, asked }
}

test('an answer has the form of the API', async () => {
  const { create, asked } = await open(['Sunny.'])
  const before = Math.floor(Date.now() / 1000)
  const completion = await create({ model: 'fake', temperature: 0, seed: 5 })
  expect(completion).toEqual({
    id: expect.stringMatching(/^chatcmpl-/),
    object: 'chat.completion',
    created: expect.any(Number),
    model: 'fake',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: 'Sunny.', refusal: null },
        logprobs: null,
        finish_reason: 'stop',
      },
    ],
    usage: expect.any(Object),
  })
  expect(completion.created - before).toBeLessThan(60)
  expect(asked[0]!.options).toMatchObject({ doSample: false, seed: 5, eosTokenId: [2] })
})

describe('what the request does not say', () => {
  test('is as the API has it', async () => {
    const { create, asked } = await open()
    const { usage } = await create({})
    const { options } = asked[0]!
    expect(options).toMatchObject({ doSample: true, temperature: 1, topP: 1, topK: 0, numReturnSequences: 1 })
    expect(options.maxNewTokens).toBe(4096 - usage.prompt_tokens)
    expect(options).not.toHaveProperty('logitsProcessor') // it would be asked at each step
    expect(options).not.toHaveProperty('stopStrings')
  })
  test('is as the model samples by itself', async () => {
    const own = { do_sample: true, temperature: 0.6, top_p: 0.9, top_k: 20 }
    const { create, asked } = await open(['Yes.'], own)
    await create({ top_p: 0.5, max_tokens: 9 })
    expect(asked[0]!.options).toMatchObject({ temperature: 0.6, topP: 0.5, topK: 20, maxNewTokens: 9 })
  })
})

test.each([
  [{ n: 2, temperature: 1 }, ['One.', 'Another answer.']],
  [{ n: 2, temperature: 0 }, ['One.', 'One.']], // greedy search finds one
] as const)('%j gives %j', async (params, expected) => {
  const { create } = await open(['One.', 'Another answer.'])
  const { choices } = await create(params)
  expect(choices.map(({ message }) => message.content)).toEqual(expected)
  expect(choices.map(({ finish_reason }) => finish_reason)).toEqual(['stop', 'stop'])
})

test('what was read for a turn is there for the next, and is never in two hands', async () => {
  const { create, asked } = await open()
  await create({})
  await create({ n: 2 })
  await Promise.all([create({}), create({})])
  const [first, several, third, fourth] = asked.map(({ options }) => options.pastKeyValues)
  expect(first).toBeInstanceOf(DynamicCache)
  expect(several).toBeUndefined()
  expect(third).toBe(first)
  expect(fourth).not.toBe(first)
})

test('a stop text is no part of the answer, however it comes', async () => {
  const { create, asked } = await open(['Rain, then sun.\n\nUser: more'])
  const { choices, usage } = await create({ stop: ['\n\nUser:', 'sunset'] })
  expect(choices[0]!.message.content).toBe('Rain, then sun.')
  expect(choices[0]!.finish_reason).toBe('stop')
  expect(asked[0]!.options).toMatchObject({ stopStrings: ['\n\nUser:', 'sunset'] })
  expect((await create({})).usage.completion_tokens).toBeGreaterThan(usage.completion_tokens)
})

describe('functions', () => {
  const said = '<tool_call>\n{"name": "weather", "arguments": {"city": "Oslo"}}\n</tool_call>'

  test('are called', async () => {
    const { create, asked } = await open([said])
    const { choices } = await create({ tools: [weather] })
    expect(asked[0]!.prompt).toContain('"properties": {"city"')
    expect(choices[0]).toMatchObject({
      message: {
        content: null,
        tool_calls: [{ type: 'function', function: { name: 'weather', arguments: '{"city": "Oslo"}' } }],
      },
      finish_reason: 'tool_calls',
    })
  })

  test('come in chunks', async () => {
    const { client } = await open([`I look.${said}`])
    const stream = await client.chat.completions.create({ messages: [user], tools: [weather], stream: true })
    const deltas = []
    for await (const { choices } of stream) deltas.push(choices[0]!)
    expect(deltas.map(({ delta }) => delta.content ?? '').join('')).toBe('I look.')
    const calls = deltas.flatMap(({ delta }) => delta.tool_calls ?? [])
    expect(calls[0]).toMatchObject({ index: 0, function: { name: 'weather', arguments: '' } })
    expect(calls.map((call) => call.function.arguments).join('')).toBe('{"city": "Oslo"}')
    expect(calls.length).toBeGreaterThan(3)
    expect(deltas.at(-1)).toMatchObject({ delta: {}, finish_reason: 'tool_calls' })
  })

  test('are not told of where none is to be called', async () => {
    const { create, asked } = await open([said])
    const { choices } = await create({ tools: [weather], tool_choice: 'none' })
    expect(asked[0]!.prompt).not.toContain('properties')
    expect(choices[0]).toMatchObject({ message: { content: said }, finish_reason: 'stop' })
  })

  test.each([
    ['required', { anyOf: [expect.anything(), expect.anything()] }],
    [{ type: 'function', function: { name: 'weather' } }, { properties: { name: { const: 'weather' } } }],
  ] as const)('have to be called: %j', async (tool_choice, schema) => {
    const { create, asked } = await open(['{"name": "weather", "arguments": {"city": "Oslo"}}'])
    const { choices } = await create({ tools: [weather, add], tool_choice })
    const { prompt, options } = asked[0]!
    expect(prompt).toMatch(/<tool_call>\n$/)
    expect(options).toMatchObject({ responseFormat: { type: 'json_schema', schema } })
    expect(choices[0]!.message.tool_calls).toMatchObject([{ function: { arguments: '{"city": "Oslo"}' } }])
  })

  test('have answered', async () => {
    const { create, asked } = await open()
    const call = {
      id: 'abc',
      type: 'function' as const,
      function: { name: 'weather', arguments: '{"city": "Oslo"}' },
    }
    await create({
      messages: [
        {
          role: 'developer',
          content: [
            { type: 'text', text: 'Be ' },
            { type: 'text', text: 'kind.' },
          ],
        },
        user,
        { role: 'assistant', content: null, tool_calls: [call] },
        { role: 'tool', tool_call_id: 'abc', content: 'rain' },
      ],
      tools: [weather],
    })
    expect(asked[0]!.prompt).toContain(
      'system: Be kind.|user: Weather in Oslo?|assistant: abc Oslo|tool: rain by weather|',
    )
  })
})

test.each([
  [{ type: 'json_object' } as const, { type: 'json_object' }],
  [
    { type: 'json_schema', json_schema: { name: 'n', schema: { type: 'array' } } } as const,
    { type: 'json_schema', schema: { type: 'array' } },
  ],
])('%j keeps the answer to a form', async (response_format, responseFormat) => {
  const { create, asked } = await open()
  await create({ response_format })
  expect(asked[0]!.options).toMatchObject({ responseFormat, tokenizer: expect.any(Function) })
})

test('null is the same as nothing', async () => {
  const { create, asked } = await open()
  const nothing = {
    temperature: null,
    stop: null,
    tools: null,
    seed: null,
    logprobs: null,
    stream: null,
    n: null,
  }
  await create(nothing as ChatCompletionCreateParams)
  await create({})
  const [first, second] = asked.map(({ options: { streamer, signal, pastKeyValues, ...options } }) => options)
  expect(first).toEqual(second)
})

test.each([
  [{ temprature: 1 }, 'has no option "temprature". Did you mean "temperature"?'],
  [{ temperature: 3 }, 'temperature is 3, expected a number from 0 to 2.'],
  [{ n: 0 }, 'n is 0, expected a whole number from 1 to 128.'],
  [{ top_logprobs: 2 }, 'top_logprobs go with logprobs: true.'],
  [{ logprobs: true, top_logprobs: 21 }, 'top_logprobs is 21, expected a whole number from 0 to 20.'],
  [{ stop: ['a', ''] }, 'stop is ["a",""]'],
  [{ logit_bias: { the: 1 } }, 'logit_bias is {"the":1}'],
  [{ max_tokens: 1, max_completion_tokens: 2 }, 'They are one'],
  [{ stream_options: { include_usage: true } }, 'stream_options go with stream: true'],
  [{ user: 'me' }, "user can't be acted on here: the tab has one user."],
  [{ functions: [] }, "functions can't be acted on here: give tools."],
  [{ parallel_tool_calls: false }, "parallel_tool_calls can't be acted on"],
  [{ model: 'gpt-4o' }, 'model is "gpt-4o", but this client\'s is "fake"'],
  [{ tool_choice: 'required' }, 'tool_choice is about tools, but there are none.'],
  [
    { tools: [weather], tool_choice: { type: 'function', function: { name: 'no' } } },
    'tool_choice is the function "no". Known: weather.',
  ],
  [{ tools: [{ name: 'weather' }] }, 'tools is'],
  [{ tools: [weather], response_format: { type: 'json_object' } }, 'no way to call a function'],
  [{ response_format: { type: 'json_schema' } }, 'response_format is {"type":"json_schema"}'],
])('%j is refused', async (params, message) => {
  const { create, asked } = await open()
  const refused = create(params as never)
  await expect(refused).rejects.toThrow(OptionError)
  await expect(refused).rejects.toThrow(message)
  expect(asked).toEqual([])
})

test.each([
  [[], 'at least one message'],
  [[{ role: 'robot', content: 'x' }], 'messages[0].role is "robot"'],
  [[user, { role: 'assistant' }], 'messages[1].content is undefined'],
  [[{ role: 'user', content: [{ type: 'image_url' }] }], 'a part of type "image_url"'],
  [[{ ...user, audio: {} }], 'messages[0] has audio'],
  [
    [{ role: 'assistant', tool_calls: [{ id: 'a', function: { name: 'f', arguments: '{' } }] }],
    'messages[0].tool_calls has',
  ],
])('the messages %j are refused', async (messages, message) => {
  const { create } = await open()
  await expect(create({ messages: messages as never })).rejects.toThrow(InputError)
  await expect(create({ messages: messages as never })).rejects.toThrow(message)
})

test('a template that reads no tools is told of', async () => {
  const { create } = await open(['x'], {}, '{% for m in messages %}{{ m.content }}{% endfor %}')
  await expect(create({ tools: [weather] })).rejects.toThrow('does not read tools')
})
