/** @file transformers.js, as its README says, with its files from here and as many threads as ours. */
const START = 4 // what a text begins with

export async function load({ hub, exported, dtype, threads }) {
  const { AutoModelForSpeechSeq2Seq, env, Tensor } = await import('/peer/transformers.min.js')
  env.remoteHost = `${hub}/`
  const wasm = '/ort/ort-wasm-simd-threaded.asyncify'
  env.backends.onnx.wasm.wasmPaths = { mjs: `${wasm}.mjs`, wasm: `${wasm}.wasm` }
  env.backends.onnx.wasm.numThreads = threads
  const model = await AutoModelForSpeechSeq2Seq.from_pretrained(exported, { device: 'wasm', dtype })
  return {
    async write(features, count) {
      const inputs = new Tensor('float32', features, [1, 80, 3000])
      const found = await model.generate({ inputs, language: 'en', max_new_tokens: count })
      return found.dims[1] - START
    },
  }
}
