/** @file Layers: functions of tensors that carry their parameters, named as the checkpoint names them. */
import { applyEmbedding, applyLinear } from './composites/linear'
import { applyLayerNorm } from './composites/norm'
import { applyRmsNorm } from './composites/rms-norm'
import { GraphError } from './errors'
import type { AxisSize } from './heads'
import { module } from './module'
import { places } from './positions'
import { scope } from './scope'
import { parameter, scalar, type Tensor } from './tensor'

export interface LinearOptions {
  bias?: boolean
  /** The weight of another layer to share. */
  tied?: Tensor
  /** Whether the weight lies in the checkpoint as [inputs, outputs], as that of `Conv1D` of transformers. */
  transposed?: boolean
}

/** `torch.nn.Linear`, whose weight is [outputs, inputs]; either may be attention heads. */
export const linear = (
  inputs: AxisSize,
  outputs: AxisSize,
  { bias = true, tied, transposed = false }: LinearOptions = {},
) =>
  module({
    weight: tied ?? (transposed ? parameter(inputs, outputs) : parameter(outputs, inputs)),
    bias: bias ? parameter(outputs) : undefined,
  }).forward(({ weight, bias }, x: Tensor) => applyLinear(x, weight, bias, transposed))

/** `torch.nn.Embedding`; `padding` is its `padding_idx`, a row that looking it up does not train. */
export const embedding = (count: number, size: number, { padding }: { padding?: number | null } = {}) =>
  module({ weight: parameter(count, size) }).forward(({ weight }, ids: Tensor) =>
    applyEmbedding(weight, ids, padding),
  )

/** `torch.nn.LayerNorm` over the last axis, of x + residual where one is given. */
export const layerNorm = (size: number, epsilon: number) =>
  module({ weight: parameter(size), bias: parameter(size) }).forward(
    ({ weight, bias }, x: Tensor, residual?: Tensor) =>
      applyLayerNorm(x, weight, bias, epsilon, residual).normalized,
  )

/** `torch.nn.RMSNorm` over the last axis, of x + residual where one is given: what comes out, and the sum that went in.
 * `offset` is added to the weight: Gemma's are stored around zero. */
export const rmsNorm = (size: number, epsilon: number, { offset = 0 } = {}) =>
  module({ weight: parameter(size) }).forward(({ weight }, x: Tensor, residual?: Tensor) =>
    applyRmsNorm(x, offset === 0 ? weight : weight.add(offset), epsilon, residual),
  )

/** What is added to a score that must not count: half the most negative float32, which is what Python's masks add. It takes the
 * place of any score, so that a row in which nothing counts is even, as Python's is. Kernels of WebGPU give the most negative
 * float to places beyond the end of a text, and in such a row these must not count either. */
export const LOWEST = -1.7014117331926443e38

/** Zero where `keep` [batch, keys] is one, LOWEST where it is zero: [batch, 1, 1, keys], for scores. */
export const additiveMask = (keep: Tensor) => keep.cast('float32').sub(1).mul(-LOWEST).unsqueeze(1, 2)

/** Zero where a token may look, LOWEST where it may not, because what stands there comes after it, is
 * padding in `keep` [batch, sequence], or lies `window` or more tokens back: [batch, 1, sequence, keys], for scores. */
export function causalMask(mask: Tensor, { window }: { window?: number } = {}): Tensor {
  const keep = (window !== undefined && scope().continuation?.window?.(window)) || mask
  const dim = keep.shape[1]
  if (keep.rank !== 2 || typeof dim !== 'string')
    throw new GraphError(`causalMask needs a mask [batch, sequence] of named size, got [${keep.shape}].`)
  const { queries, keys } = places(dim)
  const past = keys.greater(queries).where(scalar(LOWEST), additiveMask(keep))
  return window === undefined ? past : queries.sub(keys).less(window).where(past, LOWEST)
}
