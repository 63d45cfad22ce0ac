/** @file The operations a graph is made of, by role. ONNX operations are spelled as ONNX spells them. */

/** Where values enter a graph. */
export type Leaf = 'Input' | 'Derived' | 'Parameter' | 'Constant'

/** ONNX operations that tracing emits; each has a gradient rule, or the compiler complains. */
export type Primitive =
  | 'Add'
  | 'Sub'
  | 'Mul'
  | 'Div'
  | 'Neg'
  | 'Exp'
  | 'Log'
  | 'Sqrt'
  | 'Tanh'
  | 'Erf'
  | 'Sigmoid'
  | 'Relu'
  | 'Softmax'
  | 'Equal'
  | 'Less'
  | 'Greater'
  | 'Not'
  | 'Where'
  | 'Cast'
  | 'MatMul'
  | 'Transpose'
  | 'Reshape'
  | 'Expand'
  | 'Unsqueeze'
  | 'Squeeze'
  | 'ReduceSum'
  | 'ReduceMean'
  | 'ReduceMax'
  | 'CumSum'
  | 'Gather'
  | 'GatherElements'
  | 'Slice'
  | 'Concat'
  | 'ScatterElements'

/** Operations of ours that become primitives, or a kernel where a target has one. */
export type CompositeName =
  | 'again'
  | 'attention'
  | 'crossEntropy'
  | 'dropout'
  | 'embedding'
  | 'gelu'
  | 'geluTanh'
  | 'layerNorm'
  | 'limit'
  | 'linear'
  | 'quickGelu'
  | 'rmsNorm'
  | 'rotary'
  | 'silu'

/** What a composite, or its gradient, may become; nothing differentiates it. */
export type Kernel =
  | 'Gemm'
  | 'FusedMatMul'
  | 'DynamicQuantizeMatMul'
  | 'DequantizeLinear'
  | 'MatMulNBits'
  | 'GatherBlockQuantized'
  | 'LayerNormalization'
  | 'SkipLayerNormalization'
  | 'SimplifiedLayerNormalization'
  | 'SkipSimplifiedLayerNormalization'
  | 'MultiHeadAttention'
  | 'GroupQueryAttention'
  | 'RotaryEmbedding'
  | 'Gelu'
  | 'FastGelu'
  | 'QuickGelu'

/** What a graph makes itself where others get it from outside, and what chooses; nothing differentiates it. */
export type Standalone = 'Shape' | 'Cos' | 'Sin' | 'ArgMax'

export type Operation = Leaf | Primitive | CompositeName | Kernel | Standalone
