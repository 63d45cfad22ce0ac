/** @file What a tensor's entries are, how many along each axis, and what may be said of what is made of them. */
import type { Shape } from './shape'

export type DType = 'float32' | 'float16' | 'int64' | 'int32' | 'int8' | 'uint8' | 'bool'
export interface TensorType {
  readonly dtype: DType
  readonly shape: Shape
}

/** A float attribute of an ONNX operation; a bare number is an integer one. */
export class Float {
  constructor(readonly value: number) {}
}

/** What `pad` puts around a tensor. */
export interface PadOptions {
  mode?: 'constant' | 'reflect'
  /** What the new places hold, where they don't mirror the others. */
  value?: number
}
