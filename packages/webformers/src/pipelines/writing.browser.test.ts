import { TokenizerError } from '@webformers/tokenizers'
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { cases, further } from '../../fixtures/writing.json'
import { OptionError } from '../errors'
import { fixtures } from '../testing/browser'
import { hubOf } from '../testing/hub'
import { type ChatMessage, type Pipeline, pipeline, type Task } from './index'

const hub = { fetch: hubOf(fixtures), cache: false }

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => {}) // lengths and languages that mean nothing are warned of, as in Python
})

const opened = new Map<string, Promise<Opened>>()
type Opened = Awaited<ReturnType<typeof pipeline<'text-generation'>>>

/** Each pipeline once. */
function open(task: string, model: string, device: 'wasm' | 'webgpu' = 'wasm'): Promise<Opened> {
  const key = [task, model, device].join(' ')
  const loading = opened.get(key) ?? pipeline(task as 'text-generation', model, { ...hub, device })
  opened.set(key, loading)
  return loading
}
afterAll(async () => {
  for (const loading of opened.values()) await (await loading).dispose()
})

const each = cases.map(({ task, model, input, options, answer }, i) => {
  const asked = `${JSON.stringify(input).slice(0, 40)} ${JSON.stringify(options)}`
  return [i, task, model, asked, { input: input as string, options: options as object, answer }] as const
})

describe('wasm', () => {
  test.each(each)('%i: %s by %s of %s answers as in Python', async (_, task, model, __, known) => {
    const run = await open(task, model)
    expect(await run(known.input, known.options)).toEqual(known.answer)
  })
})

// Both devices generate alike elsewhere; a software adapter takes long to compile shaders.
test('webgpu', { timeout: 180_000 }, async () => {
  const [[, task, model, , { input, options, answer }]] = each as [(typeof each)[number]]
  const run = await open(task, model, 'webgpu')
  expect(run.model.device).toBe('webgpu')
  expect(await run(input, options)).toEqual(answer)
})

const writer = () => open('text-generation', 'tiny/llama-writer')
const greedy = { doSample: false, maxNewTokens: 12 }
const user: ChatMessage = { role: 'user', content: 'Where does the Seine flow?' }

async function joined(stream: AsyncIterable<string>): Promise<[text: string, pieces: number]> {
  const pieces: string[] = []
  for await (const piece of stream) pieces.push(piece)
  return [pieces.join(''), pieces.length]
}

describe('what returnDictInGenerate gives, as in Python', () => {
  test.each(further.map((each) => [JSON.stringify(each.options), each] as const))(
    '%s',
    async (_, { input, options, answer }) => {
      const write = await writer()
      const found = (await write(input, options as object)) as unknown as Record<string, unknown>[]
      expect(found.map((each) => Object.keys(each).sort())).toEqual(
        answer.map((each) => Object.keys(each).sort()),
      )
      found.forEach((each, i) => {
        const { generated_text, beam_indices, ...numbers } = answer[i] as Record<string, unknown>
        expect([each.generated_text, each.beam_indices]).toEqual([generated_text, beam_indices])
        for (const [name, truth] of Object.entries(numbers)) {
          // Of each step the beginning is recorded.
          const own = (each[name] as number[] | number[][]).flatMap((step) => [step].flat().slice(0, 6))
          const expected = (truth as number[] | number[][]).flat()
          expect(own).toHaveLength(expected.length)
          own.forEach((value, at) => {
            expect(value).toBeCloseTo(expected[at]!, 3)
          })
        }
      })
    },
  )

  test('and a task that answers refuses', async () => {
    const summarize = await open('summarization', 'tiny/t5-tasks')
    const asked = summarize('The film was wonderful.', { returnDictInGenerate: true })
    await expect(asked).rejects.toThrow(/call model.generate/)
  })
})

describe('streams', () => {
  test.each(['Paris is', 'Call me', [user], [user, { role: 'assistant', content: 'It flows' }]])(
    'what comes piece by piece is what is new in the answer: %j',
    async (input) => {
      const write = await writer()
      const [{ generated_text }] = (await write(input, { ...greedy, returnFullText: false })) as [
        { generated_text: string },
      ]
      const [text, pieces] = await joined(write.stream(input, greedy))
      expect(text).toBe(generated_text)
      expect(pieces).toBeGreaterThan(3)
    },
  )

  test('of an encoder-decoder, whose beams are left out', async () => {
    const summarize = await open('summarization', 'tiny/t5-tasks')
    const [{ summary_text }] = (await summarize('The film was wonderful.', { numBeams: 1 })) as unknown as [
      { summary_text: string },
    ]
    const [text, pieces] = await joined(summarize.stream('The film was wonderful.'))
    expect(text).toBe(summary_text)
    expect(pieces).toBeGreaterThan(3)
  })

  test('who leaves the loop ends it; an abort too; the pipeline goes on', async () => {
    const write = await writer()
    for await (const _ of write.stream('Paris is', { ...greedy, maxNewTokens: 200 })) break
    const controller = new AbortController()
    const reading = async () => {
      const { signal } = controller
      for await (const _ of write.stream('Paris is', { ...greedy, maxNewTokens: 200, signal }))
        controller.abort(new Error('enough'))
    }
    await expect(reading()).rejects.toThrow('enough')
    expect(await write('Paris is', greedy)).toEqual(await write('Paris is', greedy))
  })

  test('a streamer is told of the prompt, of tokens, and of the end', async () => {
    const write = await writer()
    const told: number[][] = []
    const end = vi.fn()
    const streamer = { put: (tokens: Int32Array) => void told.push([...tokens]), end }
    const [{ generated_token_ids }] = (await write('Paris is', {
      ...greedy,
      streamer,
      returnTensors: true,
    })) as unknown as [{ generated_token_ids: number[] }]
    expect(told.flat()).toEqual(generated_token_ids)
    expect(end).toHaveBeenCalledOnce()
  })

  test('beams that were asked for, several answers, tokens and streamers are refused', async () => {
    const write = await writer()
    const first = (options: object) => write.stream('Paris is', { ...greedy, ...options }).next()
    await expect(first({ numBeams: 2 })).rejects.toThrow(/Beams can't be streamed/)
    await expect(first({ doSample: true, numReturnSequences: 2 })).rejects.toThrow(OptionError)
    await expect(first({ returnTensors: true })).rejects.toThrow(OptionError)
    await expect(first({ streamer: { put() {} } })).rejects.toThrow(OptionError)
  })
})

test('equal seeds give equal texts, others other ones', async () => {
  const write = await writer()
  const draw = (seed: number) => write('Paris is', { maxNewTokens: 12, seed, temperature: 2 })
  expect(await draw(1)).toEqual(await draw(1))
  expect(await draw(2)).not.toEqual(await draw(1))
})

test('options of the pipeline hold for its calls; those of loading are none of them', async () => {
  await using write = await pipeline('text-generation', 'tiny/llama-writer', {
    ...hub,
    device: 'wasm',
    seed: 3,
    ...greedy,
    returnFullText: false,
  })
  const [{ generated_text }] = (await (
    await writer()
  )('Paris is', { ...greedy, returnFullText: false })) as unknown as [{ generated_text: string }]
  expect(await write('Paris is')).toEqual([{ generated_text }])
  const answers = []
  for await (const answer of write(new Set(['Paris is', 'Call me']), { batchSize: 2 })) answers.push(answer)
  expect(answers[0]).toEqual([{ generated_text }])
  expect(answers).toHaveLength(2)
})

describe('what makes no sense is refused:', () => {
  test.each([
    [
      { retrunFullText: false },
      /text-generation has no option "retrunFullText". Did you mean "returnFullText"/,
    ],
    [{ max_new_tokens: 3 }, /Did you mean "maxNewTokens"/],
    [{ device: 'wasm' }, /no option "device"/],
    [{ returnFullText: true, returnTensors: true }, /Give one of them/],
    [{ handleLongGeneration: 'cut' }, /expected "hole"/],
    [{ handleLongGeneration: 'hole', maxNewTokens: 256 }, /the model takes 256 tokens/],
    [{ maxNewTokens: -1 }, /maxNewTokens/],
    [{ tokenizer: {} }, /no option "tokenizer"/],
    [{ tools: [] }, /tools goes with a chat/],
  ])('%j', async (options, message) => {
    const write = await writer()
    await expect(write('Paris is', { doSample: false, ...options } as object)).rejects.toThrow(message)
  })

  test('a chat without messages that are any, and one that no template takes', async () => {
    const write = await writer()
    await expect(write([{ content: 'Hi' } as never])).rejects.toThrow(/have a role and a content/)
    const { tokenizer } = write
    const template = tokenizer.chatTemplate
    tokenizer.chatTemplate = undefined
    await expect(write([user])).rejects.toThrow(TokenizerError)
    tokenizer.chatTemplate = template
  })

  test('languages that are not there, or not named', async () => {
    const translate = (await open(
      'translation',
      'tiny/mbart-languages',
    )) as unknown as Pipeline<'translation'>
    await expect(translate('Hi')).rejects.toThrow(/Give srcLang and tgtLang/)
    for (const tgtLang of ['xx', 'de']) // the second is a piece of words
      await expect(translate('Hi', { srcLang: 'en_XX', tgtLang })).rejects.toThrow(
        `no language "${tgtLang}". It has ar_AR`,
      )
  })

  test('translations between languages for which no model is known', async () => {
    await expect(pipeline('translation')).rejects.toThrow(/Name one/)
    await expect(pipeline('translation_en' as Task, 'any/model')).rejects.toThrow(/no task "translation_en"/)
  })
})
