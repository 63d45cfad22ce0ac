import { type DType, gradients, input, program, type Shape, type Tensor } from '@webformers/graph'
import type { PlainTensor, PlainTensors } from '@webformers/runtime'
import { type Execution, openTestDevice } from '@webformers/runtime/testing'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Head } from './architecture'
import { pretrainedConfig } from './configuration'
import recorded from './fixture/losses.json'
import { headLoss, labelInputs, problemType } from './losses'

interface Recorded {
  dtype: 'float32' | 'int32'
  shape: number[]
  data: number[]
}
interface Case {
  head: Head
  config: Record<string, unknown>
  outputs: Record<string, Recorded>
  labels: Record<string, Recorded>
  options: { label_smoothing?: number; num_items_in_batch?: number }
  loss: number
  gradients: Record<string, Recorded>
}
const cases = Object.entries(recorded as unknown as Record<string, Case>)

const configOf = ({ config }: Pick<Case, 'config'>) => pretrainedConfig(config, { model_type: 'any' })

/** The dimensions of what a head gives, as its model names them. */
function dimsOf({ head, config }: Case, { shape }: Recorded): Shape {
  if (config.model_type === 'clip' || config.model_type === 'siglip') return ['batch', 'images']
  if (shape.length === 3) return ['batch', 'sequence', shape[2]!]
  if (head === 'ForQuestionAnswering') return ['batch', 'sequence']
  return ['batch', head === 'ForMultipleChoice' ? 'choices' : Number(config.num_labels)]
}

/** One graph of every case: its loss and the gradient of what it is computed from. */
function graphOf(device: 'wasm' | 'webgpu') {
  const inputs: Record<string, Tensor> = {}
  const outputs: Record<string, Tensor> = {}
  for (const [name, one] of cases) {
    const given = Object.fromEntries(
      Object.entries(one.outputs).map(([output, tensor]) => [output, input(dimsOf(one, tensor))]),
    )
    const labels = labelInputs(one.head, configOf(one), given, dtypeOf(one))
    const { label_smoothing, num_items_in_batch } = one.options
    const count = num_items_in_batch === undefined ? undefined : input([])
    const loss = headLoss(one.head, configOf(one), given, labels, { labelSmoothing: label_smoothing, count })
    const slopes = gradients(loss, Object.values(given))
    for (const [key, x] of Object.entries({ ...given, ...labels })) inputs[`${name} / ${key}`] = x
    if (count) inputs[`${name} / num_items_in_batch`] = count
    outputs[`${name} / loss`] = loss
    for (const [i, key] of Object.keys(given).entries()) outputs[`${name} / gradient of ${key}`] = slopes[i]!
  }
  const target = { device, fused: true, compute: 'float32', weights: 'float32' } as const
  return program(outputs, inputs, new Map(), target)
}

const dtypeOf = ({ labels }: Case): DType => Object.values(labels)[0]?.dtype ?? 'int32'

const feeds: PlainTensors = Object.fromEntries(
  cases.flatMap(([name, { outputs, labels, options }]) => [
    ...Object.entries({ ...outputs, ...labels }).map(([key, x]) => [`${name} / ${key}`, plain(x)] as const),
    [
      `${name} / num_items_in_batch`,
      plain({ dtype: 'float32', shape: [], data: [options.num_items_in_batch ?? 0] }),
    ] as const,
  ]),
)

function plain({ dtype, shape, data }: Recorded): PlainTensor {
  return { dtype, shape, data: dtype === 'int32' ? Int32Array.from(data) : Float32Array.from(data) }
}

describe.each(['wasm', 'webgpu'] as const)('%s', (device) => {
  const traced = graphOf(device)
  let execution: Execution
  beforeAll(async () => {
    await using opened = await openTestDevice(device)
    const given = Object.fromEntries(Object.keys(traced.inputs).map((name) => [name, feeds[name]!]))
    execution = await opened.run(traced, {}, given)
  }, 120_000)

  test.each(cases)("%s: the loss and its gradients are Python's", (name: string, one: Case) => {
    const found = Number(execution.outputs[`${name} / loss`]!.data[0])
    expect(Math.abs(found / one.loss - 1)).toBeLessThan(1e-5)
    for (const [key, { data, shape }] of Object.entries(one.gradients)) {
      const gradient = execution.outputs[`${name} / gradient of ${key}`]!
      expect(gradient.shape).toEqual(shape)
      const off = Array.from(gradient.data, Number).map((value, i) => Math.abs(value - data[i]!))
      expect(Math.max(...off)).toBeLessThan(1e-5 * Math.max(...data.map(Math.abs)))
    }
  })

  test('everything ran on the device', () => {
    expect(execution.onCpu).toEqual([])
  })
})

test.each([
  [{ problem_type: null, num_labels: 1 }, 'int32', 'regression'],
  [{ problem_type: null, num_labels: 3 }, 'int32', 'single_label_classification'],
  [{ problem_type: null, num_labels: 3 }, 'float32', 'multi_label_classification'],
  [{ problem_type: 'regression', num_labels: 3 }, 'int32', 'regression'],
] as const)('labels of %o that are %s: %s', (config, dtype, expected) => {
  expect(problemType(configOf({ config }), dtype)).toBe(expected)
})

test('a model without a head says that it has no loss', () => {
  const config = configOf({ config: {} })
  const outputs = { last_hidden_state: input(['batch', 'sequence', 4]) }
  expect(() => labelInputs('Model', config, outputs)).toThrow(/Model has no loss: it gives last_hidden_state/)
})

test('a detector whose configuration tells no costs of matching says so', () => {
  const outputs = {
    logits: input(['batch', 'patches', 'queries']),
    pred_boxes: input(['batch', 'patches', 4]),
  }
  const find = () =>
    labelInputs('ForObjectDetection', configOf({ config: { model_type: 'owlvit' } }), outputs)
  expect(find).toThrow(/owlvit has no loss/)
})

test('labels that name no class cannot be smoothed', () => {
  const config = configOf({ config: { num_labels: 1 } })
  const outputs = { logits: input(['batch', 1]) }
  const labels = labelInputs('ForSequenceClassification', config, outputs)
  expect(() =>
    headLoss('ForSequenceClassification', config, outputs, labels, { labelSmoothing: 0.1 }),
  ).toThrow(/"regression" has labels that name none/)
})
