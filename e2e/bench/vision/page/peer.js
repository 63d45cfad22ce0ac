/** @file transformers.js, as its README says, with its files from here and as many threads as ours. */
import { AutoModelForImageClassification, env, Tensor } from '/peer/transformers.min.js'

const wasm = '/ort/ort-wasm-simd-threaded.asyncify'
env.backends.onnx.wasm.wasmPaths = { mjs: `${wasm}.mjs`, wasm: `${wasm}.wasm` }

export async function load({ hub, exported, dtype, threads }) {
  env.remoteHost = `${hub}/`
  env.backends.onnx.wasm.numThreads = threads
  const model = await AutoModelForImageClassification.from_pretrained(exported, { device: 'wasm', dtype })
  return async (pixels, shape) =>
    (await model({ pixel_values: new Tensor('float32', pixels, shape) })).logits.data
}
