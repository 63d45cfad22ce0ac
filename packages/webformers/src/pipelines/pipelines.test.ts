import { openRepository } from '@webformers/hub'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { readConfiguration } from '../configuration'
import { OptionError } from '../errors'
import type { PreTrainedModel } from '../model'
import type { Tensor } from '../tensor'
import { hubOf } from '../testing/hub'
import { fixtures, recorded } from '../testing/node'
import { expectAnswer, openTokenizer, type Recording, recordedModel } from '../testing/recorded'
import { pipeline, type Task } from './index'

const tasks = [
  'feature-extraction',
  'text-classification',
  'token-classification',
  'fill-mask',
  'question-answering',
  'zero-shot-classification',
] as const satisfies Task[]

const recordings = Object.fromEntries(
  await Promise.all(tasks.map(async (task) => [task, (await recorded(task)) as Recording] as const)),
) as Record<(typeof tasks)[number], Recording>

const hub = { fetch: hubOf(fixtures), cache: false }

/** A pipeline whose model knows what it computed in Python. */
async function open<T extends (typeof tasks)[number]>(task: T, name: string) {
  const { config } = await readConfiguration(await openRepository(name, hub))
  const model = recordedModel(name, recordings[task].runs, config)
  return pipeline(task, model, { tokenizer: await openTokenizer(name, hub.fetch) })
}

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => {}) // targets that are no tokens are warned of, as in Python
})

describe.each(tasks)('%s', (task) => {
  const cases = recordings[task].cases.map(
    (each, i) => [i, each.model, JSON.stringify(each.options), each] as const,
  )

  test.each(cases)('%i: %s %s answers as in Python', async (_, name, __, { input, options, answer }) => {
    const run = await open(task, name)
    expectAnswer(await run(input, options as never), answer)
  })
})

const texts = ['The service was terrible.', 'This film was wonderful, I loved every minute of it!']
const stars = () => open('text-classification', 'tiny/bert-stars')

test('a stream of inputs is answered as it comes, one by one', async () => {
  const classify = await stars()
  const asked: string[] = []
  async function* stream() {
    for (const text of texts) {
      asked.push(text)
      yield text
    }
  }
  const answers = classify(stream())
  expect(asked).toEqual([]) // nothing is read before it is wanted
  expect((await answers.next()).value).toEqual(await classify(texts[0]!))
  expect(asked).toHaveLength(1)
  expect((await answers.next()).value).toEqual(await classify(texts[1]!))
  expect((await answers.next()).done).toBe(true)
})

test('any iterable is a stream; batches are filled over its inputs', async () => {
  const classify = await stars()
  const answers = []
  for await (const answer of classify(new Set(texts), { batchSize: 8, topK: 2 })) answers.push(answer)
  expect(answers).toEqual(await classify(texts, { topK: 2 }))
})

test('a list gives a list, also of one and of none', async () => {
  const classify = await stars()
  expect(await classify([texts[0]!])).toEqual(await classify(texts[0]!))
  expect(await classify([texts[0]!], { topK: 1 })).toEqual([await classify(texts[0]!, { topK: 1 })])
  expect(await classify([])).toEqual([])
})

test('options given to the pipeline hold until a call says otherwise', async () => {
  const { model, tokenizer } = await stars()
  const classify = await pipeline('sentiment-analysis', model, { tokenizer, topK: 2 })
  expect(classify.task).toBe('text-classification')
  expect(await classify(texts[0]!)).toHaveLength(2)
  expect(await classify(texts[0]!, { topK: 3 })).toHaveLength(3)
})

test('ten thousand texts in one batch are encoded with other tasks in between', async () => {
  const { tokenizer, model } = await stars()
  const { port1, port2 } = new MessageChannel()
  let turns = 0
  port1.onmessage = () => {
    turns++
    port2.postMessage(undefined)
  }
  port2.postMessage(undefined)
  let encoded = 0
  const compute = async ({ input_ids }: { input_ids: Tensor }) => {
    encoded = turns
    const shape = [input_ids.shape[0]!, 5]
    return { logits: { dtype: 'float32', shape, data: new Float32Array(shape[0]! * 5) } }
  }
  const blank = Object.assign(compute as unknown as PreTrainedModel, { config: model.config })
  const classify = await pipeline('text-classification', blank, { tokenizer, batchSize: 10_000 })
  const answers = await classify(Array.from({ length: 10_000 }, (_, i) => `${i}: ${texts[i % 2]}`))
  port1.close()
  expect(answers).toHaveLength(10_000)
  expect(encoded).toBeGreaterThan(5)
})

test('an abort stops the encoding of a long text', async () => {
  const classify = await stars()
  const controller = new AbortController()
  const answer = classify(texts[1]!.repeat(50_000), { signal: controller.signal, truncation: true })
  setImmediate(() => controller.abort(new Error('enough')))
  await expect(answer).rejects.toThrow('enough')
})

test('an abort stops a stream between its texts', async () => {
  const classify = await stars()
  const controller = new AbortController()
  const answers = classify(
    (function* () {
      yield texts[0]!
      controller.abort(new Error('enough'))
      yield texts[1]!
    })(),
    { signal: controller.signal },
  )
  expect((await answers.next()).value).toHaveLength(1)
  await expect(answers.next()).rejects.toThrow('enough')
})

test('pooled features are those of the tokens, pooled', async () => {
  const embed = await open('feature-extraction', 'tiny/bert-base')
  const [input, tokens] = [texts[1]!, (await embed(texts[1]!))[0]!]
  const column = (pool: (values: number[]) => number) =>
    tokens[0]!.map((_, i) => pool(tokens.map((t) => t[i]!)))
  const mean = column((values) => values.reduce((a, b) => a + b) / values.length)
  expectAnswer(Array.from((await embed(input, { pooling: 'mean' })).data), mean)
  expectAnswer(Array.from((await embed(input, { pooling: 'cls' })).data), tokens[0])
  expectAnswer(
    Array.from((await embed(input, { pooling: 'max' })).data),
    column((values) => Math.max(...values)),
  )
  const { shape, data } = await embed([input, texts[0]!, input], {
    pooling: 'mean',
    normalize: true,
    batchSize: 2,
  })
  expect(shape).toEqual([3, 32])
  const length = Math.hypot(...mean)
  expectAnswer(
    Array.from(data.subarray(0, 32)),
    mean.map((value) => value / length),
  )
  expect(data.subarray(64)).toEqual(data.subarray(0, 32))
  expect((await embed(input, { returnTensors: true })).shape).toEqual([1, tokens.length, 32])
})

test('several questions about one context, or each about its own', async () => {
  const answer = await open('question-answering', 'tiny/bert-answers')
  const [first, second] = recordings['question-answering'].cases
    .map(({ input }) => input as { question: string; context: string })
    .filter(({ context }, i, all) => all.findIndex((other) => other.context === context) === i)
  const both = await answer([first!, second!])
  const { question, context } = first!
  expect(await answer({ question: [question, question], context })).toEqual([both[0], both[0]])
  const questions = { question: [question, second!.question], context: [context, second!.context] }
  expect(await answer(questions)).toEqual(both)
  await expect(answer({ question: [question], context: [context, context] })).rejects.toThrow(OptionError)
})

describe('what makes no sense is refused:', () => {
  test('a task that nobody has written', async () => {
    const given = pipeline('text-to-soup' as Task, 'any/model')
    await expect(given).rejects.toThrow(
      /no task "text-to-soup".*fill-mask.*text-generation.*sentiment-analysis/,
    )
  })

  test('a model without its tokenizer', async () => {
    const { model } = await stars()
    await expect(pipeline('text-classification', model)).rejects.toThrow(OptionError)
  })

  test('a text without a mask', async () => {
    const fill = await open('fill-mask', 'tiny/bert-fill-mask')
    await expect(fill('Paris is the capital.')).rejects.toThrow('Put [MASK] where a word is wanted')
  })

  test('windows whose labels nothing joins', async () => {
    const label = await open('token-classification', 'tiny/bert-entities')
    await expect(label('Zoë', { stride: 4 })).rejects.toThrow(/aggregationStrategy/)
  })

  test('a template without a place for the label, or no labels', async () => {
    const classify = await open('zero-shot-classification', 'tiny/bert-nli')
    const call = classify('Zoë', { candidateLabels: 'a', hypothesisTemplate: 'This is it.' })
    await expect(call).rejects.toThrow('Put {} where it should stand')
    await expect(classify('Zoë', { candidateLabels: [] })).rejects.toThrow(OptionError)
  })

  test('an empty question', async () => {
    const answer = await open('question-answering', 'tiny/bert-answers')
    await expect(answer({ question: '', context: 'Zoë' })).rejects.toThrow('`question` is empty')
  })
})
