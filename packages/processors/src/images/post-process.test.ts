import { expect, test } from 'vitest'
import type { FeatureTensor } from '../tensor'
import { recorded } from '../testing/images'
import * as images from '.'
import type { ImageProcessorClass } from './auto-image-processor'

interface Case {
  type: string
  verb: string
  outputs: Record<string, { shape: number[]; values: number[] }>
  options: Record<string, unknown>
  answer: unknown
}
const { cases } = recorded<{ cases: Case[] }>('post-process.json')

/** A tensor as nested lists, to compare with Python's `tolist()`. */
function listed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(listed)
  if (typeof value !== 'object' || value === null) return value
  if (!('data' in value))
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, listed(each)]))
  const { dtype, shape, data } = value as FeatureTensor
  const nest = (axis: number, start: number, size: number): unknown => {
    if (axis === shape.length) return dtype === 'bool' ? data[start] === 1 : data[start]
    const step = size / shape[axis]!
    return Array.from({ length: shape[axis]! }, (_, i) => nest(axis + 1, start + i * step, step))
  }
  return nest(0, 0, data.length)
}

/** Whole numbers equal, others within 1e-5. */
function expectClose(answer: unknown, expected: unknown, path: string): void {
  if (typeof expected === 'number') {
    const apart = Math.abs(Number(answer) - expected)
    expect(apart, `${path}: ${answer} instead of ${expected}`).toBeLessThan(
      1e-5 * Math.max(1, Math.abs(expected)),
    )
  } else if (typeof expected === 'object' && expected !== null) {
    expect(Object.keys(answer as object).sort(), path).toEqual(Object.keys(expected).sort())
    for (const [key, each] of Object.entries(expected))
      expectClose((answer as Record<string, unknown>)[key], each, `${path}.${key}`)
  } else expect(answer, path).toBe(expected)
}

const named = cases.map((each) => [each.type, each.verb, JSON.stringify(each.options), each] as const)

test.each(named)('%s: %s %s is as in Python', async (type, verb, _, { outputs, options, answer }) => {
  const pad = verb === 'Masks' ? { pad_size: { height: 24, width: 24 } } : {}
  const processor = await (images as unknown as Record<string, ImageProcessorClass>)[type]!.fromConfig(pad)
  const tensors = Object.fromEntries(
    Object.entries(outputs).map(([name, { shape, values }]) => [
      name,
      { dtype: 'float32' as const, shape, data: Float32Array.from(values) },
    ]),
  )
  const given = verb === 'Masks' ? tensors.pred_masks : tensors
  const { boxes, ...rest } = options
  const asked = boxes ? [given, boxes, rest] : [given, rest]
  const verbs = processor as unknown as Record<string, (...given: unknown[]) => Promise<unknown>>
  const found = listed(await verbs[`postProcess${verb}`]!(...asked)) as Record<string, unknown>[]
  const inner = verb === 'DepthEstimation' ? found.map((each) => each.predicted_depth) : found
  expectClose(inner, answer, 'answer')
})

test('a target size for each image', async () => {
  const processor = await images.DetrImageProcessor.fromConfig()
  const { outputs } = cases.find(
    ({ type, verb }) => type === 'DetrImageProcessor' && verb === 'ObjectDetection',
  )!
  const tensor = ({ shape, values }: { shape: number[]; values: number[] }) =>
    ({ dtype: 'float32', shape, data: Float32Array.from(values) }) as const
  const given = { logits: tensor(outputs.logits!), pred_boxes: tensor(outputs.pred_boxes!) }
  await expect(processor.postProcessObjectDetection(given, { targetSizes: [[1, 2]] })).rejects.toThrow(
    '2 images, but 1 targetSizes',
  )
})
