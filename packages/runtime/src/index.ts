/** @file Programs and weights in a worker of their own, on WASM or WebGPU. */
export { type AdapterDescription, chooseDevice, type Device, describeAdapter, findAdapter } from './adapter'
export {
  type CallOptions,
  type Client,
  type ClientOptions,
  connect,
  type LoadedProgram,
  type ProgramOptions,
  type RunOptions,
} from './client'
export type { Capabilities } from './engine'
export * from './errors'
export type { LoadingInfo, Wanted, WeightPolicy } from './resolve'
export { isDType, type PlainTensor, type PlainTensors, type TensorArrays, type TensorDType } from './tensor'
