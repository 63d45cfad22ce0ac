import { describe, expect, test } from 'vitest'
import { IndexOutOfRangeError, InputError, UnknownPathError } from './all-errors'
import type { PreTrainedModel } from './model'
import { type Tensor, tensor } from './tensor'
import { openRecorded, readRecorded } from './testing/recorded-models'

const TOLERANCE = 5e-4
const LABELS = ['labels', 'start_positions', 'end_positions']

/** What torch computed, and the labels it had. */
async function read(repository: string) {
  const inputs = await readRecorded(repository, 'inputs.safetensors')
  const recorded = Object.entries(await readRecorded(repository, 'gradients.safetensors'))
  const labels = Object.fromEntries(recorded.filter(([name]) => LABELS.includes(name)))
  return { inputs, labels, truth: Object.fromEntries(recorded) }
}

/** As packages/models has them recorded: vectors whole, of a matrix G · w and wᵀ · G for w = 1.5 + cos(0, 1, 2, …), norm and maximum. */
function summarize({ shape, data }: Tensor): number[] {
  const values = Array.from(data, Number)
  if (shape.length < 2) return values
  const [rows, columns] = [shape[0]!, values.length / shape[0]!]
  const sum = (length: number, term: (i: number) => number) =>
    Array.from({ length }, (_, i) => term(i)).reduce((a, b) => a + b, 0)
  const weight = (i: number) => 1.5 + Math.cos(i)
  const byRow = Array.from({ length: rows }, (_, row) =>
    sum(columns, (i) => values[row * columns + i]! * weight(i)),
  )
  const byColumn = Array.from({ length: columns }, (_, column) =>
    sum(rows, (i) => values[i * columns + column]! * weight(i)),
  )
  return [...byRow, ...byColumn, Math.hypot(...values), Math.max(...values.map(Math.abs))]
}

function expectGradients(gradients: Record<string, Tensor>, truth: Record<string, Tensor>) {
  const sizes = Object.values(gradients).map(({ data }) =>
    Math.max(...Array.from(data, Number).map(Math.abs)),
  )
  const least = 2e-3 * Math.max(...sizes)
  const wrong = Object.entries(gradients).flatMap(([name, gradient], i) => {
    const expected = Array.from(truth[name]!.data, Number)
    const differences = summarize(gradient).map((value, at) => Math.abs(value - expected[at]!))
    const error = Math.max(...differences) / Math.max(sizes[i]!, least)
    return error < TOLERANCE ? [] : [[name, error]]
  })
  expect(wrong).toEqual([])
}

const lossOf = ({ data }: Tensor) => Number(data[0])

/** Within a part in ten thousand of torch's. */
const expectLoss = (loss: Tensor, { loss: truth }: Record<string, Tensor>) =>
  expect(Math.abs(lossOf(loss) / lossOf(truth!) - 1)).toBeLessThan(1e-4)

describe.each([
  'bert/sequence-classification',
  'bert/masked-lm',
  'bert/question-answering',
  'gpt2/causal-lm',
  't5/conditional-generation',
])('%s', (repository) => {
  test("the loss and every parameter's gradient are torch's", async () => {
    await using model = await openRecorded(repository)
    const { inputs, labels, truth } = await read(repository)
    const { loss, gradients } = await model.gradients({ ...inputs, ...labels } as never)
    expectLoss(loss, truth)
    expect(Object.keys(gradients)).toEqual(model.namedParameters().map(([name]) => name))
    expectGradients(gradients, truth)
  })
})

describe('a loss for labels', () => {
  test.each([
    'bert/masked-lm',
    'bert/sequence-classification',
    'bert/multi-label',
    'bert/regression',
    'bert/token-classification',
    'bert/multiple-choice',
  ])('%s', async (repository) => {
    await using model = await openRecorded(repository)
    const { inputs, labels, truth } = await read(repository)
    const { loss } = await model(inputs as never, { labels: labels.labels! })
    expectLoss(loss, truth)
  })

  test('T5 makes what its decoder reads of the labels', async () => {
    await using model = await openRecorded('t5/conditional-generation')
    const { input_ids, attention_mask } = (await read('t5/conditional-generation')).inputs
    const labels = tensor([
      [5, 6, 7, 1],
      [9, 1, -100, -100],
      [4, 3, 2, 1],
    ]) // prettier-ignore
    const decoder_input_ids = tensor([
      [0, 5, 6, 7],
      [0, 9, 1, 0],
      [0, 4, 3, 2],
    ]) // prettier-ignore
    const made = await model({ input_ids: input_ids!, attention_mask: attention_mask! }, { labels })
    const given = await model(
      { input_ids: input_ids!, attention_mask: attention_mask!, decoder_input_ids },
      { labels },
    )
    expect(made).toEqual(given)
    expect(lossOf(made.loss)).toBeGreaterThan(0)
  })
})

describe('gradients', () => {
  const repository = 'bert/sequence-classification'

  test('of a loss of one’s own, by chosen parameters', async () => {
    await using model = await openRecorded(repository)
    const { inputs } = await read(repository)
    const [batch] = inputs.input_ids!.shape
    const { loss, gradients } = await model.gradients(inputs as never, {
      loss: ({ logits }) => (logits as never as { sum(axes: number[]): never }).sum([0, 1]),
      parameters: ['classifier.bias'],
    })
    const { logits } = (await model(inputs as never)) as unknown as { logits: Tensor }
    expect(lossOf(loss)).toBeCloseTo(
      Array.from(logits.data, Number).reduce((a, b) => a + b),
      4,
    )
    expect(Object.keys(gradients)).toEqual(['classifier.bias'])
    expect([...gradients['classifier.bias']!.data].every((x) => Math.abs(x - batch!) < 1e-5)).toBe(true)
  })

  test('frozen parameters have none', async () => {
    await using model = await openRecorded(repository)
    const { inputs, labels, truth } = await read(repository)
    model.requiresGrad(false)
    model.requiresGrad(true, 'classifier')
    expect(model.numParameters({ onlyTrainable: true })).toBe(sizesOf(model, 'classifier'))
    const { gradients } = await model.gradients(inputs as never, labels as never)
    expect(Object.keys(gradients)).toEqual(['classifier.weight', 'classifier.bias'])
    const some = Object.fromEntries(Object.entries(truth).filter(([name]) => name in gradients))
    for (const [name, { data }] of Object.entries(some))
      expect(Math.abs(summarize(gradients[name]!)[0]! - Number(data[0]))).toBeLessThan(TOLERANCE)
  })

  test('what is wrong is told', async () => {
    await using model = await openRecorded(repository)
    const { inputs, labels } = await read(repository)
    const missing = model.gradients(inputs as never)
    await expect(missing).rejects.toThrow(InputError)
    await expect(missing).rejects.toThrow(/labels are missing/)
    const { shape, data } = labels.labels!
    const wrong = tensor(new Int32Array(data.length).fill(99), shape)
    await expect(model.gradients(inputs as never, { labels: wrong })).rejects.toThrow(IndexOutOfRangeError)
    const unknown = model.gradients(inputs as never, { ...labels, parameters: ['classifier.wait'] })
    await expect(unknown).rejects.toThrow(UnknownPathError)
    await expect(unknown).rejects.toThrow(/"classifier.wait"; near it: "/)
  })
})

const sizesOf = (model: PreTrainedModel, prefix: string) =>
  model
    .parameters()
    .filter(({ name }) => name.startsWith(prefix))
    .reduce((sum, { size }) => sum + size, 0)
