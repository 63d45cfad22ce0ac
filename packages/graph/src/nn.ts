/** @file Layers: functions of tensors that carry their parameters, named as the checkpoint names them. */
import { applyEmbedding, applyLinear } from './composites/linear'
import { applyLayerNorm } from './composites/norm'
import { module } from './module'
import { parameter, type Tensor } from './tensor'

/** `torch.nn.Linear`; `tied` shares another layer's weight [outputs, inputs]. */
export const linear = (
  inputs: number,
  outputs: number,
  { bias = true, tied }: { bias?: boolean; tied?: Tensor } = {},
) =>
  module({
    weight: tied ?? parameter(outputs, inputs),
    bias: bias ? parameter(outputs) : undefined,
  }).forward(({ weight, bias }, x: Tensor) => applyLinear(x, weight, bias))

/** `torch.nn.Embedding`. */
export const embedding = (count: number, size: number) =>
  module({ weight: parameter(count, size) }).forward(({ weight }, ids: Tensor) => applyEmbedding(weight, ids))

/** `torch.nn.LayerNorm` over the last axis, of x + residual where one is given. */
export const layerNorm = (size: number, epsilon: number) =>
  module({ weight: parameter(size), bias: parameter(size) }).forward(
    ({ weight, bias }, x: Tensor, residual?: Tensor) =>
      applyLayerNorm(x, weight, bias, epsilon, residual).normalized,
  )

/** The most negative float32: what Python's masks add to a score that must not count. */
const LOWEST = -3.4028234663852886e38

/** Zero where `keep` [batch, keys] is one, the most negative float where it is zero: [batch, 1, 1, keys], for scores. */
export const additiveMask = (keep: Tensor) => keep.cast('float32').sub(1).mul(-LOWEST).unsqueeze(1, 2)
