import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import featureExtraction from '../../fixtures/feature-extraction.json'
import fillMask from '../../fixtures/fill-mask.json'
import questionAnswering from '../../fixtures/question-answering.json'
import textClassification from '../../fixtures/text-classification.json'
import tokenClassification from '../../fixtures/token-classification.json'
import zeroShotClassification from '../../fixtures/zero-shot-classification.json'
import { fixtures } from '../testing/browser'
import { hubOf } from '../testing/hub'
import { expectAnswer } from '../testing/recorded'
import { pipeline, type Task } from './index'

const recordings = {
  'feature-extraction': featureExtraction,
  'text-classification': textClassification,
  'token-classification': tokenClassification,
  'fill-mask': fillMask,
  'question-answering': questionAnswering,
  'zero-shot-classification': zeroShotClassification,
} satisfies Partial<Record<Task, unknown>>

interface Case {
  model: string
  input: unknown
  options: object
  answer: unknown
}

/** Each model with its task and all that it was asked. */
const models = Object.entries(recordings).flatMap(([task, { cases }]: [string, { cases: Case[] }]) =>
  [...new Set(cases.map(({ model }) => model))].map((model) => {
    const asked = cases.filter((each) => each.model === model)
    return [task as keyof typeof recordings, model, asked] as const
  }),
)

const hub = { fetch: hubOf(fixtures), cache: false }

afterEach(() => {
  vi.restoreAllMocks()
})
beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => {}) // targets that are no tokens are warned of, as in Python
})

async function expectAnswers(device: 'wasm' | 'webgpu', task: Task, model: string, asked: readonly Case[]) {
  await using run = await pipeline(task, model, { ...hub, device })
  expect(run.model.device).toBe(device)
  for (const { input, options, answer } of asked)
    expectAnswer(await run(input as never, options as never), answer)
}

describe('wasm', () => {
  test.each(models)('%s by %s answers as in Python', (task, model, asked) =>
    expectAnswers('wasm', task, model, asked),
  )
})

// A software adapter takes long to compile shaders, so each kind of answer shows itself once: hidden states, logits, two outputs.
describe('webgpu', { timeout: 180_000 }, () => {
  const tasks: Task[] = ['feature-extraction', 'fill-mask', 'question-answering']
  const firsts = tasks.map((task) => models.find(([other]) => other === task)!)

  test.each(firsts)('%s by %s answers as in Python', (task, model, asked) =>
    expectAnswers('webgpu', task, model, asked.slice(0, 3)),
  )
})

test('a folder that a web server serves is a source too', async () => {
  const folder = new URL('../../fixtures/tiny/bert-stars/', import.meta.url)
  await using classify = await pipeline('text-classification', folder, { cache: false, device: 'wasm' })
  const { input, answer } = textClassification.cases[0]!
  expectAnswer(await classify(input as string), answer)
})

test('a pipeline that is aborted while it loads leaves no worker', async () => {
  const terminate = vi.spyOn(Worker.prototype, 'terminate')
  const controller = new AbortController()
  const loading = pipeline('text-classification', 'tiny/bert-stars', {
    ...hub,
    device: 'wasm',
    signal: controller.signal,
    onProgress: () => controller.abort(),
  })
  await expect(loading).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }))
  expect(terminate).toHaveBeenCalledOnce()
})

test('a tokenizer that fails takes the model with it', async () => {
  const terminate = vi.spyOn(Worker.prototype, 'terminate')
  const files = { ...fixtures, 'tiny/bert-stars/tokenizer.json': async () => new Blob(['{"model": {}}']) }
  const loading = pipeline('text-classification', 'tiny/bert-stars', {
    ...hub,
    fetch: hubOf(files),
    device: 'wasm',
  })
  await expect(loading).rejects.toThrow(expect.objectContaining({ name: 'TokenizerError' }))
  expect(terminate).toHaveBeenCalledOnce()
})
