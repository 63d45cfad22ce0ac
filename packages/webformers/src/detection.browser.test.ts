import { describe, expect, test } from 'vitest'
import recorded from '../fixtures/detection.json'
import { IndexOutOfRangeError, InputError } from './all-errors'
import { Dataset, Trainer, TrainingArguments } from './index'
import type { ImageObjects } from './objects'
import { tensor } from './tensor'
import { type Digest, difference, openRecorded, readRecorded } from './testing/recorded-models'

const losses = recorded.losses as unknown as Readonly<
  Record<string, { labels: ImageObjects[]; loss: number; gradients: Record<string, Digest> }>
>
const { training } = recorded
const YOLOS = 'yolos/object-detection'

const camel = (name: string) => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())

/** An image of training: sin(i, i + 1, i + 2, …). */
const pixels = (i: number, [height, width]: readonly [number, number]) =>
  tensor(
    Float32Array.from({ length: height * width }, (_, j) => Math.sin(i + j)),
    [1, height, width],
  )

describe.each(['wasm', 'webgpu'] as const)('%s', { timeout: 180_000 }, (device) => {
  const models = Object.keys(losses).filter((name) => device === 'wasm' || name === YOLOS)

  test.each(models)("%s: what objects cost is Python's, and what it changes with", async (repository) => {
    const { labels, loss, gradients } = losses[repository]!
    await using model = await openRecorded(repository, { device })
    const inputs = await readRecorded(repository, 'inputs.safetensors')
    const outputs = await model(inputs, { labels })
    expect(Math.abs(Number(outputs.loss!.data[0]) / loss - 1)).toBeLessThan(1e-4)

    const found = await model.gradients(inputs, { labels, parameters: Object.keys(gradients) })
    expect(Math.abs(Number(found.loss.data[0]) / loss - 1)).toBeLessThan(1e-4)
    for (const [name, expected] of Object.entries(gradients))
      expect(difference(found.gradients[name]!, expected), name).toBeLessThan(1e-3)
  })
})

test("a training on objects loses and learns what Python's Trainer does", async () => {
  await using model = await openRecorded(YOLOS)
  const size = model.config.image_size as [number, number]
  const items = training.labels.map((labels, i) => ({ pixel_values: pixels(i, size), labels }))
  const options = Object.fromEntries(Object.entries(training.args).map(([key, value]) => [camel(key), value]))
  const args = new TrainingArguments({
    saveStrategy: 'no',
    loggingSteps: 1,
    predictionLossOnly: true,
    ...options,
  })
  const trainer = new Trainer({
    model,
    args,
    trainDataset: Dataset.from(items),
    evalDataset: Dataset.from(items.slice(0, 3)),
  })
  await trainer.train()
  const steps = trainer.state.log_history.flatMap(({ loss }) => (loss === undefined ? [] : [loss]))
  expect(steps).toHaveLength(training.losses.length)
  for (const [i, expected] of training.losses.entries())
    expect(Math.abs(Number(steps[i]) - expected), `step ${i}`).toBeLessThan(1e-3 * expected)
  const { eval_loss } = await trainer.evaluate()
  expect(Math.abs(eval_loss! / training.eval_loss - 1)).toBeLessThan(1e-3)
  const weights = await model.stateDict()
  for (const [name, expected] of Object.entries(training.weights))
    expect(difference(weights[name]!, expected as unknown as Digest), name).toBeLessThan(1e-3)
})

test('objects that are none of the model are refused by image', async () => {
  await using model = await openRecorded(YOLOS)
  const inputs = await readRecorded(YOLOS, 'inputs.safetensors')
  const box = [0.5, 0.5, 0.2, 0.2]
  const none = { class_labels: [], boxes: [] }
  const call = (...labels: ImageObjects[]) => model(inputs, { labels })
  await expect(call(none, { class_labels: [4], boxes: [box] })).rejects.toThrow(IndexOutOfRangeError)
  await expect(call(none, { class_labels: [1, 2], boxes: [box] })).rejects.toThrow(
    /Image 1 has 2 class_labels/,
  )
  await expect(call(none)).rejects.toThrow(InputError)
  const { loss } = await model(inputs, { labels: [none, none] })
  expect(Number(loss!.data[0])).toBeGreaterThan(0)
})
