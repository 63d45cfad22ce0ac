import { SequenceTooLongError } from '@webformers/runtime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cases } from '../../fixtures/chat.json'
import { fixtures } from '../testing/browser'
import { hubOf } from '../testing/hub'
import {
  ChatClient,
  type ChatCompletionChunk,
  type ChatCompletionCreateParams,
  type TokenLogprob,
} from './index'

interface Logprob {
  id: number
  logprob: number
}
interface Case {
  request: ChatCompletionCreateParams
  ids: number[]
  text: string
  prompt_tokens: number
  logprobs?: (Logprob & { top: Logprob[] })[]
}
const known = (cases as unknown as Case[]).map((each, i) => ({ ...each, i }))
const { messages } = known[0]!.request

let client: ChatClient
beforeAll(async () => {
  client = await ChatClient.fromPretrained('tiny/llama-writer', {
    fetch: hubOf(fixtures),
    cache: false,
    device: 'wasm',
  })
})
afterAll(() => client.dispose())

async function streamed(params: ChatCompletionCreateParams): Promise<ChatCompletionChunk[]> {
  const chunks: ChatCompletionChunk[] = []
  for await (const chunk of await client.chat.completions.create({ ...params, stream: true }))
    chunks.push(chunk)
  return chunks
}

test.each(known)(
  'request $i is answered as in Python',
  async ({ request, ids, text, prompt_tokens, logprobs }) => {
    const { choices, usage } = await client.chat.completions.create({ ...request, stream: false })
    const [choice] = choices as [(typeof choices)[number]]
    const stop = request.stop ? text.indexOf(request.stop[0]!) : text.length
    const completion_tokens = request.stop ? usage.completion_tokens : ids.length
    expect(choice.message.content).toBe(text.slice(0, stop))
    expect(choice.finish_reason).toBe(request.stop ? 'stop' : 'length')
    expect(usage).toEqual({
      prompt_tokens,
      completion_tokens,
      total_tokens: prompt_tokens + completion_tokens,
    })
    if (request.stop) expect(usage.completion_tokens).toBeLessThan(ids.length)
    if (!logprobs) return expect(choice.logprobs).toBeNull()
    const found = choice.logprobs!.content
    expect(
      found
        .map(({ token }) => token)
        .join('')
        .trimStart(),
    ).toBe(text)
    const near = (given: TokenLogprob, { id, logprob }: Logprob) => {
      expect(given.logprob).toBeCloseTo(logprob, 3)
      const { token } = given
      expect(token).toBe(client.tokenizer.decode([1, id]).replace('<s>', ''))
      expect(given.bytes).toEqual(token.includes('\uFFFD') ? null : [...new TextEncoder().encode(token)])
    }
    for (const [step, expected] of logprobs.entries()) {
      near(found[step]!, expected)
      expect(found[step]!.top_logprobs).toHaveLength(expected.top.length)
      for (const [rank, top] of expected.top.entries()) near(found[step]!.top_logprobs[rank]!, top)
    }
  },
)

test('a stream has the same answer in pieces, and its usage at the end', async () => {
  const { request, text, ids, prompt_tokens } = known[0]!
  const chunks = await streamed({ ...request, stream_options: { include_usage: true } })
  const [first] = chunks as [ChatCompletionChunk]
  const last = chunks.pop()
  const { id, created } = first
  const head = { id, created, object: 'chat.completion.chunk', model: 'tiny/llama-writer' }
  expect(last).toEqual({
    ...head,
    choices: [],
    usage: { prompt_tokens, completion_tokens: ids.length, total_tokens: prompt_tokens + ids.length },
  })
  for (const chunk of chunks) expect(chunk).toMatchObject({ ...head, usage: null })
  const choices = chunks.map((chunk) => chunk.choices[0]!)
  expect(choices.shift()!.delta).toEqual({ role: 'assistant', content: '' })
  expect(choices.pop()).toEqual({ index: 0, delta: {}, logprobs: null, finish_reason: 'length' })
  expect(choices.map(({ delta }) => delta.content).join('')).toBe(text)
  expect(choices.length).toBeGreaterThan(6)
})

test('a second turn is answered as if nothing had been read before', async () => {
  const { choices } = await client.chat.completions.create({ ...known[0]!.request, stream: false })
  const { role, content } = choices[0]!.message
  const turn = {
    messages: [...messages, { role, content }, messages.at(-1)!],
    max_tokens: 12,
    temperature: 0,
  }
  const next = await client.chat.completions.create(turn)
  const fresh = new ChatClient(client)
  expect((await fresh.chat.completions.create(turn)).choices).toEqual(next.choices)
  expect(next.choices[0]!.message.content).not.toBe(content)
})

test('draws are the same for the same seed, and the answers to one request differ', async () => {
  const ask = async (seed: number) => {
    const { choices } = await client.chat.completions.create({ messages, n: 3, seed, max_tokens: 8 })
    expect(choices.map(({ index }) => index)).toEqual([0, 1, 2])
    return choices.map(({ message }) => message.content)
  }
  const [first, again, other] = [await ask(1), await ask(1), await ask(2)]
  expect(again).toEqual(first)
  expect(other).not.toEqual(first)
  expect(new Set(first).size).toBe(3)
})

const city = {
  type: 'object',
  properties: { city: { enum: ['Oslo', 'Paris'] } },
  required: ['city'],
  additionalProperties: false,
}

test('JSON by a schema, at any temperature', async () => {
  const response_format = { type: 'json_schema', json_schema: { name: 'city', schema: city } } as const
  const { choices } = await client.chat.completions.create({
    messages,
    response_format,
    n: 3,
    temperature: 2,
  })
  for (const { message, finish_reason } of choices) {
    expect(['Oslo', 'Paris']).toContain(JSON.parse(message.content!).city)
    expect(finish_reason).toBe('stop')
  }
})

test('a function that has to be called is', async () => {
  const { tokenizer } = client
  const before = tokenizer.chatTemplate
  tokenizer.chatTemplate = '<tool_call>{{ tools | length }}{% for m in messages %}{{ m.content }}{% endfor %}'
  const tools = ['weather', 'time'].map((name) => ({
    type: 'function' as const,
    function: { name, parameters: city },
  }))
  try {
    for (const tool_choice of ['required', { type: 'function', function: { name: 'time' } }] as const) {
      const { choices } = await client.chat.completions.create({
        messages,
        tools,
        tool_choice,
        temperature: 2,
      })
      const [{ message, finish_reason }] = choices as [(typeof choices)[number]]
      const [called, ...others] = message.tool_calls!
      expect(['weather', 'time'].slice(tool_choice === 'required' ? 0 : 1)).toContain(called!.function.name)
      expect(['Oslo', 'Paris']).toContain(JSON.parse(called!.function.arguments).city)
      expect([others, finish_reason, message.content]).toEqual([[], 'tool_calls', null])
    }
  } finally {
    tokenizer.chatTemplate = before
  }
})

test('an abort throws its reason after what was told; who leaves the loop can ask again', async () => {
  const controller = new AbortController()
  const stream = await client.chat.completions.create(
    { messages, stream: true, temperature: 0 },
    { signal: controller.signal },
  )
  let text = ''
  const reading = (async () => {
    for await (const { choices } of stream) {
      text += choices[0]!.delta.content
      if (text.length > 10) controller.abort(new Error('enough'))
    }
  })()
  await expect(reading).rejects.toThrow('enough')
  expect(known[1]!.text.length).toBeGreaterThan(0)
  expect(known[0]!.text.slice(0, 10)).toBe(text.slice(0, 10))
  for await (const { choices } of await client.chat.completions.create({ messages, stream: true }))
    if (choices[0]!.delta.content) break
  const { choices } = await client.chat.completions.create({ ...known[0]!.request, stream: false })
  expect(choices[0]!.message.content).toBe(known[0]!.text)
})

test('a chat that is longer than what the model can read is refused', async () => {
  const long = { role: 'user', content: 'Where does the Seine flow? '.repeat(40) } as const
  const refused = client.chat.completions.create({ messages: [long] })
  await expect(refused).rejects.toThrow(SequenceTooLongError)
})

test('without a limit, an answer ends where the model can read no more', async () => {
  const { choices, usage } = await client.chat.completions.create({ messages, temperature: 0 })
  expect(usage.total_tokens).toBe(256)
  expect(choices[0]!.finish_reason).toBe('length')
})
