/** @file What a caller may say about loading a model. */
import type { CheckpointOptions, FileOptions } from '@webformers/hub'
import type { Json } from '@webformers/models'
import type { Device } from '@webformers/runtime'

/** What weights are kept in. */
export type Precision = 'fp32' | 'fp16' | 'int8'

export interface LoadOptions extends FileOptions, CheckpointOptions {
  /** Default: `'auto'`, WebGPU where the browser has a real GPU and the model is large enough to gain from it. */
  device?: 'auto' | Device
  /** `'int8'` quantizes while loading and runs on WASM. Default: `'auto'`, half precision where the checkpoint and the device
   * have it, else full. */
  dtype?: 'auto' | Precision
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
