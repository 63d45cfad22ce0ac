/** @file What DPT and Depth Anything make a map of: tokens of several layers as maps of several sizes, joined from small to large. */
import { batchNorm2d, conv2d, convTranspose2d, interpolate, module, type Tensor } from '@webformers/graph'
import { numbers, resizedTo } from './spatial'

/** The map of one layer: `factor` times as large, or that part of its size. */
export const ReassembleLayer = (inputs: number, channels: number, factor: number) =>
  module({
    projection: conv2d(inputs, channels, 1),
    resize:
      factor > 1
        ? convTranspose2d(channels, channels, factor, { stride: factor })
        : factor < 1
          ? conv2d(channels, channels, 3, { stride: Math.trunc(1 / factor), padding: 1 })
          : undefined,
  }).forward((m, x: Tensor) => {
    const projected = m.projection(x)
    return m.resize?.(projected) ?? projected
  })

/** How two maps become one. */
export interface FusionOptions {
  readonly size: number
  /** Whether what is added is normed. */
  readonly norm?: boolean
  readonly bias?: boolean
}

const PreActResidualLayer = ({ size, norm = false, bias = true }: FusionOptions) => {
  const convolution = () => conv2d(size, size, 3, { padding: 1, bias })
  const normed = () => (norm ? batchNorm2d(size) : undefined)
  return module({
    convolution1: convolution(),
    convolution2: convolution(),
    batch_norm1: normed(),
    batch_norm2: normed(),
  }).forward((m, x: Tensor) => {
    const first = m.convolution1(x.relu())
    const second = m.convolution2((m.batch_norm1?.(first) ?? first).relu())
    return (m.batch_norm2?.(second) ?? second).add(x)
  })
}

const BILINEAR = { mode: 'bilinear' } as const

const FusionLayer = (options: FusionOptions) =>
  module({
    projection: conv2d(options.size, options.size, 1),
    residual_layer1: PreActResidualLayer(options),
    residual_layer2: PreActResidualLayer(options),
  }).forward((m, fused: Tensor, larger: Tensor | undefined, next: Tensor | undefined) => {
    const both = larger ? fused.add(m.residual_layer1(resizedTo(larger, fused, BILINEAR))) : fused
    const refined = m.residual_layer2(both)
    const drawn = next
      ? resizedTo(refined, next, { ...BILINEAR, alignCorners: true })
      : interpolate(refined, { ...BILINEAR, scale: 2, alignCorners: true })
    return m.projection(drawn)
  })

/** Maps from large to small, joined the other way round; each result is twice as large as the map that was joined last.
 * @param fitted whether a result is instead as large as the next map
 * @returns all results, the largest last */
export const FusionStage = (options: FusionOptions, count: number, { fitted = false } = {}) =>
  module({ layers: numbers(count).map(() => FusionLayer(options)) }).forward(
    ({ layers }, maps: readonly Tensor[]) => {
      const [smallest, ...rest] = maps.toReversed()
      const results: Tensor[] = []
      for (const [index, layer] of layers.entries()) {
        const before = results.at(-1)
        const next = fitted ? rest[index] : undefined
        results.push(before ? layer(before, rest[index - 1], next) : layer(smallest!, undefined, next))
      }
      return results
    },
  )
