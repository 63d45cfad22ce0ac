import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { InputError, OptionError } from '../../all-errors'
import { AutoModelForSpeechSeq2Seq } from '../../auto'
import type { PreTrainedModel } from '../../model'
import { type Tensor, toList } from '../../tensor'
import { type HubFiles, hubOf } from '../../testing/hub'
import type { GenerateOutput } from '../outputs'
import { compressionRatio } from './compression'

const urls = import.meta.glob<string>('../../../fixtures/speech/*', {
  query: '?url',
  import: 'default',
  eager: true,
})
const files: HubFiles = Object.fromEntries(
  Object.entries(urls).map(([path, url]) => [
    path.replace('../../../fixtures/speech/', 'tiny/whisper/'),
    async () => (await fetch(url)).blob(),
  ]),
)

interface RecordedSegment {
  readonly start: number
  readonly end: number
  readonly tokens: number[]
  readonly token_timestamps?: number[]
  readonly idxs: [number, number]
}
interface Case {
  readonly inputs: string
  readonly options: Record<string, unknown>
  /** What the model's own generation_config.json says besides. */
  readonly own?: Record<string, unknown>
  readonly sequences: number[][]
  readonly token_timestamps?: number[][]
  readonly segments?: RecordedSegment[][]
  readonly scores?: (number | '-inf')[][]
}
interface Recorded {
  readonly inputs: Record<string, { input_features: number[][][]; attention_mask?: number[][] }>
  readonly languages: number[]
  readonly ratios: [tokens: number[], vocabulary: number, ratio: number][]
  readonly cases: Record<string, Case>
}
const recorded: Recorded = JSON.parse(await (await files['tiny/whisper/cases.json']!()).text())
const cases = Object.entries(recorded.cases).filter(([, { own }]) => !own)
const owning = Object.entries(recorded.cases).filter(([, { own }]) => own)

const open = (device: 'wasm' | 'webgpu', dtype: 'fp32' | 'int8' | 'q8' = 'fp32', from = files) =>
  AutoModelForSpeechSeq2Seq.fromPretrained('tiny/whisper', {
    fetch: hubOf(from),
    cache: false,
    device,
    dtype,
  })

const lists = (x: Tensor) => toList<number[][]>(x)
const near = (found: ArrayLike<number>, expected: readonly number[], tolerance = 1e-4) => {
  expect(found.length).toBe(expected.length)
  for (const [i, value] of expected.entries()) expect(Math.abs(found[i]! - value)).toBeLessThan(tolerance)
}

async function answer(model: PreTrainedModel, { inputs, options }: Case): Promise<GenerateOutput> {
  const output = (await model.generate(recorded.inputs[inputs]!, options as never)) as
    | Tensor<'int32'>
    | GenerateOutput
  return 'sequences' in output ? output : { sequences: output }
}

function expectSame(found: GenerateOutput, expected: Case) {
  expect(lists(found.sequences)).toEqual(expected.sequences)
  if (expected.token_timestamps)
    near(Array.from(found.token_timestamps!.data), expected.token_timestamps.flat())
  expect(found.segments?.map((each) => each.map(({ tokens }) => [...tokens]))).toEqual(
    expected.segments?.map((each) => each.map(({ tokens }) => tokens)),
  )
  for (const [i, { start, end, idxs, token_timestamps }] of (expected.segments ?? []).flat().entries()) {
    const segment = found.segments!.flat()[i]!
    near([segment.start, segment.end], [start, end], 1e-9)
    expect(segment.idxs).toEqual(idxs)
    if (token_timestamps) near(segment.token_timestamps!, token_timestamps)
  }
  if (expected.scores) {
    const last = Array.from(found.scores!.at(-1)!.data)
    near(
      last.filter(Number.isFinite),
      expected.scores.flat().filter((score) => score !== '-inf'),
      1e-3,
    )
  }
}

describe.each(['wasm', 'webgpu'] as const)('%s', { timeout: 120_000 }, (device) => {
  let model: PreTrainedModel
  beforeAll(async () => {
    model = await open(device)
  }, 120_000)
  afterAll(() => model.dispose())

  // On a GPU that is none, a few of each kind.
  const chosen = device === 'wasm' ? cases : cases.filter((_, i) => i % 6 === 0)
  test.each(chosen)('%s: as in Python', async (_, expected) => {
    expectSame(await answer(model, expected), expected)
  })
})

const CONFIG = 'tiny/whisper/generation_config.json'
const configOf = async (): Promise<Record<string, unknown> & { lang_to_id: Record<string, number> }> =>
  JSON.parse(await (await files[CONFIG]!()).text())

test.each(owning)('%s: as in Python, and as where the language is given', async (_, expected) => {
  const config = await configOf()
  const told = { ...config, ...expected.own }
  await using model = await open('wasm', 'fp32', {
    ...files,
    [CONFIG]: async () => new Blob([JSON.stringify(told)]),
  })
  const found = await answer(model, expected)
  expectSame(found, expected)
  const names = new Map(Object.entries(config.lang_to_id).map(([name, id]) => [id, name]))
  const language = recorded.languages.map((id) => names.get(id)!)
  const given = await answer(model, { ...expected, options: { ...expected.options, language } })
  expect(lists(given.sequences)).toEqual(lists(found.sequences))
})

test('with matrices in 8 bits scores are nearly the same', { timeout: 60_000 }, async () => {
  const ask = { maxNewTokens: 1, language: 'en', returnDictInGenerate: true, outputLogits: true } as const
  const scores = async (dtype: 'fp32' | 'int8') => {
    await using model = await open('wasm', dtype)
    const { logits } = await model.generate(recorded.inputs.short!, ask)
    return Array.from(logits![0]!.data)
  }
  const [whole, rounded] = [await scores('fp32'), await scores('int8')]
  const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, i) => sum + x * b[i]!, 0)
  const cosine = dot(whole, rounded) / Math.sqrt(dot(whole, whole) * dot(rounded, rounded))
  expect(cosine).toBeGreaterThan(0.99)
  expect(cosine).toBeLessThan(1 - 1e-9)
})

describe('what is not asked rightly', { timeout: 60_000 }, () => {
  let model: PreTrainedModel
  beforeAll(async () => {
    model = await open('wasm')
  }, 60_000)
  afterAll(() => model.dispose())
  const [short, long, batch] = ['short', 'long', 'batch'].map((name) => recorded.inputs[name]!)
  const asked = (inputs: object, options: object) => model.generate(inputs as never, options as never)

  test.each([
    [{ language: 'klingon' }, 'language is "klingon", expected one of english, chinese'],
    [{ language: 'zz' }, 'expected one of en, zh'],
    [
      { language: 'spanish' },
      'is "spanish", which this model does not know: it knows <|de|>, <|en|>, <|fr|>',
    ],
    [{ language: ['en', 'de'] }, 'language names 2 languages for 3 sounds'],
    [{ task: 'summarize' }, 'task is "summarize", expected one of translate, transcribe'],
    [{ language: 'en', isMultilingual: false }, 'only knows English'],
    [{ promptConditionType: 'all-segments' }, 'needs conditionOnPrevTokens'],
    [{ maxNewTokens: 47 }, 'of 48 that the model can read'],
    [{ languages: 'en' }, 'has no option "languages". Did you mean "language"?'],
  ])('%o: %s', async (options, message) => {
    await expect(asked(short!, options)).rejects.toThrow(OptionError)
    await expect(asked(short!, options)).rejects.toThrow(message)
  })

  test('what a long sound needs', async () => {
    await expect(asked(long!, { returnTimestamps: false })).rejects.toThrow('longer than one segment')
    const { input_features } = batch!
    await expect(asked({ input_features }, {})).rejects.toThrow(InputError)
    await expect(asked({ input_ids: [[1]] }, {})).rejects.toThrow('reads input_features, attention_mask')
  })

  test('who aborts is heard', async () => {
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(asked(short!, { signal })).rejects.toThrow('enough')
  })

  test('tells how far it is', async () => {
    const told: number[][][] = []
    await asked(long!, { monitorProgress: (progress: number[][]) => told.push(progress) })
    expect(told[0]).toEqual([[0, 137]])
    expect(told.length).toBeGreaterThan(3)
  })
})

test('how much a text can be compressed is what zlib makes of it', async () => {
  for (const [tokens, vocabulary, ratio] of recorded.ratios)
    expect(await compressionRatio(Int32Array.from(tokens), vocabulary)).toBeCloseTo(ratio, 10)
})
