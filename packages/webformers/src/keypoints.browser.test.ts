/** @file Bodies and points on a photograph, from the pixels to the answers, as Python finds them. */
import { expect, test } from 'vitest'
import photograph from '../../processors/fixtures/images/cat.rgb?url'
import truth from '../fixtures/keypoints.json'
import {
  AutoModelForKeypointDetection,
  type CocoBox,
  InputError,
  SuperPointImageProcessor,
  VitPoseForPoseEstimation,
  VitPoseImageProcessor,
} from './index'
import { hubOf } from './testing/hub'
import { readRecorded, recordedFiles } from './testing/recorded-models'

const options = { fetch: hubOf(recordedFiles), cache: false, device: 'wasm' } as const
const data = new Uint8Array(await (await fetch(photograph)).arrayBuffer())
const photo = { width: 160, height: 120, channels: 3, data } as const

/** Values, or lists of values, within a thousandth. */
function expectNear(given: unknown, expected: unknown) {
  const [own, recorded] = [[given].flat(9), [expected].flat(9)] as number[][]
  expect(own).toHaveLength(recorded!.length)
  expect(Math.max(...own!.map((value, i) => Math.abs(value - recorded![i]!)))).toBeLessThan(1e-3)
}

test('bodies in boxes', async () => {
  const { config, boxes, options: asked, bodies } = truth.pose
  const processor = await VitPoseImageProcessor.fromConfig(config)
  await using model = await VitPoseForPoseEstimation.fromPretrained('vitpose/simple', options)
  const framed = boxes as unknown as CocoBox[][]
  const { pixel_values } = await processor(photo, { boxes: framed })
  const outputs = await model({ pixel_values })
  expect(outputs.heatmaps.shape).toEqual([2, 5, 6, 8])
  const [found] = await processor.postProcessPoseEstimation(outputs, framed, asked)
  expect(found).toHaveLength(bodies.length)
  for (const [i, { labels, ...body }] of bodies.entries()) {
    expect(found![i]!.labels).toEqual(labels)
    for (const key of ['keypoints', 'scores', 'bbox'] as const) expectNear(found![i]![key], body[key])
  }
})

test('of a large file, which is decoded in a worker, the same is framed', async () => {
  const [width, height] = [1400, 900]
  const data = Uint8ClampedArray.from({ length: width * height * 4 }, (_, i) =>
    i % 4 === 3 ? 255 : (i * 7 + Math.floor(i / 977) * 31) % 256,
  )
  const canvas = new OffscreenCanvas(width, height)
  canvas.getContext('2d')!.putImageData(new ImageData(data, width, height), 0, 0)
  const file = await canvas.convertToBlob({ type: 'image/png' })
  const processor = await VitPoseImageProcessor.fromConfig(truth.pose.config)
  const boxes: CocoBox[][] = [
    [
      [100, 50, 900, 700],
      [1200, 700, 300, 300],
    ],
  ]
  const [decoded, raw] = await Promise.all([
    processor(file, { boxes }),
    processor({ width, height, channels: 4, data }, { boxes }),
  ])
  expect(decoded.pixel_values.shape).toEqual([2, 3, 18, 20])
  expect(decoded.pixel_values.data).toEqual(raw.pixel_values.data)
})

test('points of a photograph', async () => {
  const { config, found } = truth.points
  const processor = await SuperPointImageProcessor.fromConfig(config)
  await using model = await AutoModelForKeypointDetection.fromPretrained('superpoint/two', options)
  const { pixel_values } = await processor(photo)
  const outputs = await model({ pixel_values }, { outputHiddenStates: true })
  expect(outputs.hidden_states).toHaveLength(4)
  const [points] = await processor.postProcessKeypointDetection(outputs, { targetSizes: [[120, 160]] })
  expect(points!.keypoints).toEqual(found.keypoints)
  expectNear(points!.scores, found.scores)
  expect(points!.descriptors.shape).toEqual([found.scores.length, 9])
  expectNear(Array.from(points!.descriptors.data), found.descriptors)
})

test('which keypoints are left and right is an input, and which data set an image is of', async () => {
  const near = async (name: string, given: Record<string, number[] | number[][]>) => {
    await using model = await VitPoseForPoseEstimation.fromPretrained(name, options)
    const { pixel_values } = await readRecorded(name, 'inputs.safetensors')
    const expected = await readRecorded(name, 'expected.safetensors')
    const { heatmaps } = await model({ pixel_values: pixel_values!, ...given })
    expectNear(Array.from(heatmaps.data), Array.from(expected.heatmaps!.data, Number))
  }
  await near('vitpose/flipped', {
    flip_pairs: [
      [1, 2],
      [4, 3],
      [3, 0],
    ],
  })
  await near('vitpose/experts', { dataset_index: [2, 0] })
  await expect(near('vitpose/experts', {})).rejects.toThrow(InputError)
})
