/** @file Tensors as processors give them: plain objects that models take, and `structuredClone`. */

interface FeatureArrays {
  float32: Float32Array
  int32: Int32Array
  uint8: Uint8Array
  bool: Uint8Array
}

/** Values in row-major order, their shape and their type. */
export interface FeatureTensor<D extends keyof FeatureArrays = keyof FeatureArrays> {
  readonly dtype: D
  readonly shape: readonly number[]
  readonly data: FeatureArrays[D]
}
