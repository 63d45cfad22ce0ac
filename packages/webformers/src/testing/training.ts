/** @file For tests in a browser: the trainings that reference/training.py records, made again. */
import { AutoTokenizer, type PreTrainedTokenizer } from '@webformers/tokenizers'
import { expect } from 'vitest'
import recorded from '../../fixtures/training/cases.json'
import {
  type ComputeMetrics,
  type DataCollator,
  DataCollatorForLanguageModeling,
  DataCollatorForSeq2Seq,
  DataCollatorForTokenClassification,
  DataCollatorWithPadding,
  Dataset,
  defaultDataCollator,
  type LogEntry,
  type OptimizerOptions,
  type PreTrainedModel,
  type Tensor,
  Trainer,
  TrainingArguments,
  type TrainingOptions,
  tensor,
} from '../index'
import { hubOf } from './hub'
import { type Digest, difference, openRecorded, recordedFiles } from './recorded-models'

export type CaseName = keyof typeof recorded.cases

/** What is recorded of each case. */
export interface RecordedCase {
  readonly model: string
  readonly args: Readonly<Record<string, unknown>>
  readonly sgd?: { readonly momentum: number; readonly nesterov: boolean; readonly weight_decay: number }
  readonly frozen?: readonly string[]
  readonly words?: readonly string[]
  readonly losses: readonly number[]
  readonly grad_norms: readonly number[]
  readonly learning_rates: readonly number[]
  readonly epochs: readonly number[]
  readonly train_loss: number
  readonly weights: Readonly<Record<string, Digest>>
  readonly eval_loss?: number
  readonly accuracy?: number
  readonly predictions?: { readonly shape: readonly number[]; readonly values: readonly number[] }
  readonly label_ids?: readonly number[]
}
export const cases = recorded.cases as unknown as Readonly<Record<CaseName, RecordedCase>>

const urls = import.meta.glob<string>('../../fixtures/training/tokenizer*.json', {
  query: '?url',
  import: 'default',
  eager: true,
})
async function openTokenizer(): Promise<PreTrainedTokenizer> {
  const files = Object.entries(urls).map(async ([path, url]) => {
    return [path.split('/').at(-1)!, await (await fetch(url)).blob()] as const
  })
  return AutoTokenizer.fromPretrained(Object.fromEntries(await Promise.all(files)))
}

type Example = (typeof recorded.examples)[number]
type Maker = (tokenizer: PreTrainedTokenizer, example: Example, i: number) => object
type Kind = { readonly item: Maker; readonly collate: (tokenizer: PreTrainedTokenizer) => DataCollator }

/** Pixels of an image, as reference/training.py makes them. */
const pixels = (i: number) =>
  Array.from({ length: 3 }, (_, c) =>
    Array.from({ length: 12 }, (_, y) =>
      Array.from(
        { length: 12 },
        (_, x) => ((i * 13 + c * 5 + y * 3 + x * 7 + ((x * y * i) % 11)) % 32) / 16 - 1,
      ),
    ),
  )

const encoded = (tokenizer: PreTrainedTokenizer, text: string) => {
  const { input_ids, attention_mask } = tokenizer(text)
  return { input_ids, attention_mask }
}
const SPECIAL = 5
const classified: Kind = {
  item: (tokenizer, { text, label }) => ({ ...encoded(tokenizer, text), label }),
  collate: (tokenizer) => DataCollatorWithPadding({ tokenizer }),
}
const language: Kind = {
  item: (tokenizer, { text }) => encoded(tokenizer, text),
  collate: (tokenizer) => DataCollatorForLanguageModeling({ tokenizer, mlm: false }),
}
const translated: Kind = {
  item: (tokenizer, { text, target }) => ({
    ...encoded(tokenizer, text),
    labels: tokenizer(target).input_ids,
  }),
  collate: (tokenizer) => DataCollatorForSeq2Seq({ tokenizer }),
}
const pictured: Kind = {
  item: (_, { label }, i) => ({ pixel_values: pixels(i), labels: label }),
  collate: () => defaultDataCollator,
}
const masked: Kind = {
  ...language,
  collate: (tokenizer) => DataCollatorForLanguageModeling({ tokenizer, mlmProbability: 0.3, seed: 11 }),
}
const tagged: Kind = {
  item(tokenizer, { text }) {
    const given = encoded(tokenizer, text)
    return {
      ...given,
      labels: Array.from(given.input_ids, (id) => (Number(id) < SPECIAL ? -100 : Number(id) % 7)),
    }
  },
  collate: (tokenizer) => DataCollatorForTokenClassification({ tokenizer }),
}
const kinds: { readonly [Name in CaseName]: Kind } = {
  bert: classified,
  gpt2: language,
  t5: translated,
  vit: pictured,
  'masked-lm': masked,
  adafactor: tagged,
  sgd: classified,
  'smoothed-t5': translated,
  'new-words': language,
}

/** Of every recorded model. */
const VOCABULARY = 60

/** A recorded model without dropout. */
export function openUndropped(repository: string, device: 'wasm' | 'webgpu'): Promise<PreTrainedModel> {
  const path = `${repository}/config.json`
  const without = async () => {
    const config = JSON.parse(await (await recordedFiles[path]!()).text())
    for (const key of Object.keys(config)) if (/drop/.test(key)) config[key] = 0
    return new Blob([JSON.stringify(config)])
  }
  return openRecorded(repository, { device, fetch: hubOf({ ...recordedFiles, [path]: without }) })
}

const camel = (name: string) => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())

/** Rows that take the place of those which Python would draw. */
async function grow(model: PreTrainedModel, count: number): Promise<void> {
  const { weight } = await model.resizeTokenEmbeddings(count, { meanResizing: false })
  const { data, shape } = await model.getParameter(weight.name)
  const [, size] = shape as [number, number]
  const rows = VOCABULARY * size
  const grown = data.map((value, at) =>
    at < rows ? value : (((Math.floor(at / size) * 5 + (at % size) * 7) % 13) - 6) / 32,
  )
  await model.setInputEmbeddings(tensor(grown, shape))
}

/** A Trainer with the model, data and arguments of a case. */
export async function trainerOf(name: CaseName, model: PreTrainedModel, changes: TrainingOptions = {}) {
  const { args, sgd, words, frozen = [], accuracy: measured } = cases[name]
  const { item, collate } = kinds[name]
  const tokenizer = await openTokenizer()
  if (words) {
    tokenizer.addTokens([...words])
    await grow(model, tokenizer.length)
  }
  for (const module of frozen) model.requiresGrad(false, module)
  const trained = model.namedParameters().flatMap(([key, { requiresGrad }]) => (requiresGrad ? [key] : []))
  const items = recorded.examples.map((example, i) => {
    const text = words ? `${words[i % words.length]} ${example.text}` : example.text
    return item(tokenizer, { ...example, text }, i)
  })
  const options = Object.fromEntries(Object.entries(args).map(([key, value]) => [camel(key), value]))
  const trainer = new Trainer({
    model,
    args: new TrainingArguments({ saveStrategy: 'no', loggingSteps: 1, ...options, ...changes }),
    trainDataset: Dataset.from(items.slice(0, recorded.train)),
    evalDataset: Dataset.from(items.slice(recorded.train)),
    dataCollator: collate(tokenizer),
    ...(measured !== undefined && { computeMetrics: accuracy }),
    ...(sgd && { optimizers: [sgdOf(sgd, trained)] }),
  })
  return { trainer, evalDataset: Dataset.from(items.slice(recorded.train)) }
}

const sgdOf = (
  { weight_decay: weightDecay, ...settings }: NonNullable<RecordedCase['sgd']>,
  parameters: readonly string[],
): OptimizerOptions => ({ kind: 'sgd', ...settings, groups: [{ parameters, weightDecay }] })

/** Of the labels that count. */
const accuracy: ComputeMetrics = ({ predictions, labelIds }) => {
  const [{ data: scores, shape }, { data: labels }] = [predictions, labelIds] as [Tensor, Tensor]
  const classes = shape.at(-1)!
  let [right, counted] = [0, 0]
  for (const [i, label] of Array.from(labels, Number).entries()) {
    if (label === -100) continue
    const row = Array.from(scores.slice(i * classes, (i + 1) * classes), Number)
    if (row.indexOf(Math.max(...row)) === label) right++
    counted++
  }
  return { accuracy: right / counted }
}

/** The steps of a training's log. */
export const stepsOf = ({ state }: Trainer): LogEntry[] =>
  state.log_history.filter((entry) => 'loss' in entry)

/** Every step of a log is that of Python's, losses to a thousandth, norms of gradients to this part of them: a GPU sums in
 * another order, and a small T5 whose feed-forward units are about to turn off shows it. */
export function expectSteps(
  trainer: Trainer,
  { losses, grad_norms, learning_rates, epochs }: RecordedCase,
  ofNorms = 1e-3,
) {
  const steps = stepsOf(trainer)
  expect(steps).toHaveLength(losses.length)
  for (const [i, { loss, grad_norm, learning_rate, epoch }] of steps.entries()) {
    const [expected, norm] = [losses[i]!, grad_norms[i]!]
    // The log rounds losses to four digits.
    expect(Math.abs(loss! - expected), `loss of step ${i + 1}`).toBeLessThan(1e-3 * expected + 5e-5)
    expect(Math.abs(grad_norm! - norm), `gradients of step ${i + 1}`).toBeLessThan(ofNorms * norm)
    expect(learning_rate).toBeCloseTo(learning_rates[i]!, 9)
    expect(epoch).toBeCloseTo(epochs[i]!, 9)
  }
}

/** Every final weight is that of Python's, to a thousandth of its norm. */
export async function expectWeights(model: PreTrainedModel, { weights }: RecordedCase): Promise<void> {
  const found = await model.stateDict()
  for (const [name, digest] of Object.entries(weights)) {
    expect(found, name).toHaveProperty([name])
    expect(difference(found[name]!, digest), name).toBeLessThan(1e-3)
  }
}
