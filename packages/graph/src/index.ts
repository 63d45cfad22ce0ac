/** @file Lazy tensors, layers and the ONNX graphs they become. */
export { type Activation, activations } from './composites/activations'
export { type AttentionOptions, attention } from './composites/attention'
export { applyBatchNorm } from './composites/batch-norm'
export { BLOCK } from './composites/blocks'
export type { BlockPart, BlockType, MatrixName, Target, Transform } from './composites/composite'
export { gated } from './composites/gated'
export { applyGroupNorm } from './composites/group-norm'
export { detach, drawnFactors, dropout, dropoutFactors, limit } from './composites/identities'
export { applyLinear } from './composites/linear'
export { type RotaryFrequencies, type RotaryOptions, rotary, rotaryTables } from './composites/rotary'
export {
  applyConvolution,
  applyTransposedConvolution,
  averagePool2d,
  type ConvolutionOptions,
  maxPool2d,
  type PoolingOptions,
  type TransposedOptions,
} from './convolution'
export type { CacheEntry, DecodingProgram } from './decoding-program'
export { GraphError } from './errors'
export { fromFloat16, toFloat16 } from './float16'
export { type GradientOptions, gradientSteps, gradients } from './gradient'
export { type AxisSize, type HeadAxis, type PrunedAxis, prunedAxes, type Range } from './heads'
export {
  type InterpolateOptions,
  type Interpolation,
  interpolate,
  interpolationWeights,
} from './interpolation'
export {
  batchNorm2d,
  conv1d,
  conv2d,
  convTranspose1d,
  convTranspose2d,
  groupNorm,
  patchEmbedding,
} from './layers'
export { loopProgram, STEPS, type Step } from './loop'
export {
  binaryCrossEntropyWithLogits,
  type CrossEntropyOptions,
  type CTCLossOptions,
  crossEntropy,
  ctcLoss,
  meanSquaredError,
} from './loss'
export type { Parameter } from './lower'
export { type Module, type ModuleCall, module, modulePaths, observe, parameters, type Tree } from './module'
export { additiveMask, causalMask, embedding, LOWEST, layerNorm, linear, rmsNorm } from './nn'
export { type Initializer, initializersOnnx } from './onnx'
export { topologicalOrder } from './order'
export { places, positions } from './positions'
export {
  type DerivedInput,
  flatten,
  type InputType,
  type Outputs,
  type Program,
  program,
  programSteps,
  trace,
} from './program'
export { Message } from './protobuf'
export type { Segment } from './recompute'
export { type Continuation, type KeyValues, type Memory, type Scope, scope, within } from './scope'
export {
  cofactor,
  type Dim,
  difference,
  isName,
  namesIn,
  product,
  quotient,
  type Shape,
  sizeOf,
  sum,
} from './shape'
export { type StandaloneGraph, standalone } from './standalone'
export { finish, type Steps } from './steps'
export { arange, concat, constant, input, parameter, scalar, sizeTensor, Tensor } from './tensor'
export type { DType, PadOptions, TensorType } from './types'
