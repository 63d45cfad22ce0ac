/** @file What a caller may say about loading a model. */
import type { CheckpointOptions, FileOptions } from '@webformers/hub'
import type { Json } from '@webformers/models'
import type { Device } from '@webformers/runtime'

/** What weights are kept in. */
export type Precision = 'fp32' | 'fp16' | 'int8' | 'q8' | 'q4' | 'q4f16'
/** What exported files come in, named as transformers.js does: `'q8'` is `onnx/model_quantized.onnx`. */
export type ExportedPrecision = 'fp32' | 'fp16' | 'int8' | 'uint8' | 'q8' | 'q4' | 'q4f16' | 'bnb4'

/** Precisions whose products no GPU kernel computes; of original weights `'q8'` is another. */
export const cpuOnly: readonly string[] = ['int8', 'uint8', 'q8'] satisfies ExportedPrecision[]

export interface LoadOptions extends FileOptions, CheckpointOptions {
  /** Default: `'auto'`, WebGPU where the browser has a real GPU and the model is large enough to gain from it. */
  device?: 'auto' | Device
  /** What weights are kept in, made while loading of whatever the checkpoint has:
   * - `'fp32'`, `'fp16'`: single and half precision; WASM computes in single precision.
   * - `'int8'`, on WASM alone: matrices of 8 bits with a scale for each output, which inputs are rounded to 8 bits for. A quarter of
   *   the memory, and the fastest there for texts of more than a few tokens.
   * - `'q8'`, `'q4'`: matrices in blocks of 32 numbers of 8 or 4 bits that share a scale, rounded as GGUF's Q8_0 and Q4_0; a GPU's
   *   kernels take them so. In `'q4'`, too, the table of tokens and what scores them have 8 bits, for rounding hurts them most. Tables
   *   of positions, norms, biases, and matrices of fewer than 32 outputs or of inputs that make no whole blocks stay in single
   *   precision. The numbers are the same on WASM, where no kernel for blocks is fast: there they are held in single precision.
   * - `'q4f16'`: as `'q4'` with all else in half precision, where the GPU computes in it; `'q4'` elsewhere.
   *
   * The blocks of a GGUF file (Q8_0, Q4_0, Q4_1) that are no larger than what is asked for stay as they are.
   * Default: `'auto'`, which rounds nothing: the blocks of a GGUF file on WebGPU, half precision where the checkpoint and the device
   * have it, else single. Of exported graphs `dtype` chooses the file, or a file for each of them:
   * `{ encoder_model: 'fp32', decoder_model_merged: 'q4' }`; there `'auto'` is what `config.json` says, else `'q8'` on WASM and
   * `'fp32'` on WebGPU where they are there. */
  dtype?: 'auto' | Precision | ExportedPrecision | Readonly<Record<string, ExportedPrecision>>
  /** `true` takes exported graphs (`onnx/model.onnx`) although there are original weights, `false` never takes them.
   * Default: original weights where there are any. */
  fromOnnx?: boolean
  /** The exported graph to take, where it is not called `model`: `'model_O2'`. */
  modelFileName?: string
  /** The outputs that calls give, `hidden_states` and `attentions` aside; what none of them needs is not computed.
   * Default: all the head has. */
  outputs?: readonly string[]
  /** Takes the place of keys of `config.json`. */
  config?: Json
  /** How many threads WASM may use where the page is cross-origin isolated. */
  threads?: number
  /** Put new weights in the place of those that have another shape or are missing, and warn. Like `ignore_mismatched_sizes`. */
  ignoreMismatchedSizes?: boolean
  /** Regular expression → replacement, for names of tensors in the checkpoint; the first that fits is applied. Like `key_mapping`. */
  keyMapping?: Readonly<Record<string, string>>
  /** What new weights are drawn with. Default: 0. */
  seed?: number
}

/** What `fromPretrained` may say besides. */
export interface InfoOptions {
  /** Also give what the checkpoint lacked and had too much of; what it lacked is new. Like `output_loading_info` in Python. */
  outputLoadingInfo?: boolean
}

/** What the ways to get a model are told besides. */
export interface NewOptions extends InfoOptions {
  /** All weights are new, as was asked for. */
  fromScratch?: boolean
  /** The model is going to write, so that what is loaded first is what generates. */
  writes?: boolean
}
