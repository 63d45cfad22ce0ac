/** @file SAM's points and boxes: from pixels of an image to those of what the model sees. */
import { OptionError } from '../errors'
import { type Nested, type Tensor, tensor } from '../tensor'
import type { BatchFeature, Coordinates } from './inputs'
import type { ProcessorParts } from './processor'

/** What stands in for a point that others of the batch have more of. */
const NONE = -10

type Points = readonly (readonly number[])[]

/** Like `SamProcessor` in Python. @throws {OptionError} when lists are not as deep as they should be */
export function samCoordinates(
  { inputPoints, inputLabels, inputBoxes }: Coordinates,
  features: BatchFeature,
  { imageProcessor }: ProcessorParts,
): BatchFeature {
  const longest = (imageProcessor.config.size as { longest_edge?: number } | undefined)?.longest_edge
  const scaled = scaler(features.original_sizes!, longest ?? 1024)
  const points =
    inputPoints === undefined ? undefined : (listed(inputPoints, 'inputPoints') as Nested<number>[])
  const labels =
    inputLabels === undefined ? undefined : (listed(inputLabels, 'inputLabels') as Nested<number>[])
  const padded =
    points &&
    padPoints(
      points.map((of, i) => scaled(of, i, points.length)),
      labels,
    )
  return {
    ...(padded && { input_points: floats(padded.points, 4) }),
    ...((padded?.labels ?? labels) ? { input_labels: ints((padded?.labels ?? labels)!, 3) } : {}),
    ...(inputBoxes && {
      input_boxes: floats(
        inputBoxes.map((of, i) => scaled(of, i, inputBoxes.length)),
        3,
      ),
    }),
  }
}

const listed = (value: Nested<number>, name: string): readonly Nested<number>[] => {
  if (Array.isArray(value) && Array.isArray(value[0])) return value
  throw new OptionError(`${name} is a list with a list for each image, such as [[[450, 600]]].`)
}

/** Every x and y of an image times what it is scaled by; one image may serve all. */
function scaler({ shape, data }: Tensor, longest: number) {
  const [count = 0] = shape
  return (values: Nested<number>, i: number, lists: number): Nested<number> => {
    const at = lists === count ? i : 0
    const [height, width] = [Number(data[at * 2]), Number(data[at * 2 + 1])]
    const scale = longest / Math.max(height, width)
    const [down, across] = [
      Math.floor(height * scale + 0.5) / height,
      Math.floor(width * scale + 0.5) / width,
    ]
    const walk = (value: Nested<number>): Nested<number> => {
      const list = value as readonly Nested<number>[]
      if (typeof list[0] !== 'number') return list.map(walk)
      return list.map((each, axis) => Number(each) * (axis % 2 === 0 ? across : down))
    }
    return walk(values)
  }
}

/** As many points on every image. */
function padPoints(
  points: readonly Nested<number>[],
  labels: readonly Nested<number>[] | undefined,
): { points: readonly Nested<number>[]; labels: readonly Nested<number>[] | undefined } {
  const lengths = points.map((of) => (of as Points).length)
  const most = Math.max(...lengths)
  if (!labels || lengths.every((length) => length === most)) return { points, labels }
  const fill = <T>(list: Nested<number>, with_: T) =>
    [
      ...(list as readonly T[]),
      ...Array.from({ length: most - (list as readonly T[]).length }, () => with_),
    ] as Nested<number>
  return {
    points: points.map((of) => fill(of, [NONE, NONE])),
    labels: labels.map((of) => fill(of, NONE)),
  }
}

const floats = (values: Nested<number>, rank: number): Tensor =>
  ranked(tensor(values, undefined, 'float32'), rank)
const ints = (values: Nested<number>, rank: number): Tensor =>
  ranked(tensor(values, undefined, 'int32'), rank)

/** One object on each image, where no more are told apart. */
function ranked(x: Tensor, rank: number): Tensor {
  return x.shape.length === rank ? x : { ...x, shape: [x.shape[0]!, 1, ...x.shape.slice(1)] }
}
