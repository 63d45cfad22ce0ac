import { gradients, input, program, type Tensor } from '@webformers/graph'
import type { PlainTensor, PlainTensors } from '@webformers/runtime'
import { type Execution, openTestDevice } from '@webformers/runtime/testing'
import { beforeAll, describe, expect, test } from 'vitest'
import { pretrainedConfig } from './configuration'
import recorded from './fixture/detection-losses.json'
import { type DetectionConfig, detectionLabels, detectionLoss } from './object-detection'
import { matchLayers, matchObjects } from './object-matching'

interface Recorded {
  dtype: 'float32' | 'int32'
  shape: number[]
  data: number[]
}
interface Case {
  config: Record<string, number>
  outputs: Record<'logits' | 'pred_boxes', Recorded> &
    Partial<Record<'pred_masks' | 'auxiliary_logits' | 'auxiliary_boxes', Recorded>>
  labels: { class_labels: Recorded; boxes: Recorded; masks?: Recorded }[]
  matched: [query: number, object: number][][]
  loss: number
  gradients: Record<string, Recorded>
}
const cases = Object.entries(recorded as unknown as Record<string, Case>)

const configOf = ({ config }: Case) =>
  pretrainedConfig(config, { model_type: 'any' }) as unknown as DetectionConfig

const plain = ({ dtype, shape, data }: Recorded): PlainTensor =>
  dtype === 'int32'
    ? { dtype, shape, data: Int32Array.from(data) }
    : { dtype, shape, data: Float32Array.from(data) }

function matchedOf(one: Case) {
  const { logits, pred_boxes, auxiliary_logits, auxiliary_boxes } = one.outputs
  const config = configOf(one)
  const labels = one.labels.map(({ class_labels, boxes, masks }) => ({
    class_labels: class_labels.data,
    boxes: boxes.data,
    masks,
  }))
  return {
    ...matchObjects(config, logits, pred_boxes, labels),
    ...(auxiliary_logits &&
      auxiliary_boxes &&
      matchLayers(config, auxiliary_logits, auxiliary_boxes, labels)),
  }
}

/** One graph of every case: its loss and the gradient of what it is computed from. */
function graphOf(device: 'wasm' | 'webgpu') {
  const inputs: Record<string, Tensor> = {}
  const outputs: Record<string, Tensor> = {}
  const feeds: PlainTensors = {}
  for (const [name, one] of cases) {
    const key = (each: string) => `${name} / ${each}`
    const given = Object.fromEntries(
      Object.entries(one.outputs).map(([output, { shape }]) => [output, input(shape)]),
    )
    const labels = detectionLabels(given)
    const sized = Object.entries(matchedOf(one)).map(([label, { dtype, shape, data }]) => {
      feeds[key(label)] = { dtype, shape, data } as PlainTensor
      return [label, input(shape, labels[label]!.dtype)] as const // dimensions of cases that share a graph are numbers
    })
    const loss = detectionLoss(configOf(one), given, Object.fromEntries(sized))
    const slopes = gradients(loss, Object.values(given))
    for (const [each, x] of [...Object.entries(given), ...sized]) inputs[key(each)] = x
    for (const [output, x] of Object.entries(one.outputs)) feeds[key(output)] = plain(x)
    outputs[key('loss')] = loss
    for (const [i, output] of Object.keys(given).entries()) outputs[key(`gradient of ${output}`)] = slopes[i]!
  }
  const target = { device, fused: true, compute: 'float32', weights: 'float32' } as const
  return { traced: program(outputs, inputs, new Map(), target), feeds }
}

test.each(cases)('%s: each object gets the query that SciPy gives it', (_, one) => {
  const { target_queries, target_classes } = matchedOf(one)
  const [, queries] = one.outputs.logits.shape as [number, number]
  const pairs = one.matched.flatMap((image, i) =>
    image.toSorted((a, b) => a[1] - b[1]).map(([query]) => i * queries + query),
  )
  expect(Array.from(target_queries!.data)).toEqual(pairs)
  expect(Array.from(target_classes!.data).filter((label) => label < one.config.num_labels!)).toHaveLength(
    pairs.length,
  )
})

describe.each(['wasm', 'webgpu'] as const)('%s', (device) => {
  const { traced, feeds } = graphOf(device)
  let execution: Execution
  beforeAll(async () => {
    await using opened = await openTestDevice(device)
    execution = await opened.run(traced, {}, feeds)
  }, 120_000)

  test.each(cases)("%s: the loss and its gradients are Python's", (name, one) => {
    const found = Number(execution.outputs[`${name} / loss`]!.data[0])
    expect(Math.abs(found / one.loss - 1)).toBeLessThan(1e-5)
    for (const [key, { data, shape }] of Object.entries(one.gradients)) {
      const gradient = execution.outputs[`${name} / gradient of ${key}`]!
      expect(gradient.shape).toEqual(shape)
      const off = Array.from(gradient.data, Number).map((value, i) => Math.abs(value - data[i]!))
      expect(Math.max(...off), key).toBeLessThan(2e-5 * Math.max(...data.map(Math.abs)))
    }
  })

  test('everything ran on the device', () => {
    expect(execution.onCpu).toEqual([])
  })
})
