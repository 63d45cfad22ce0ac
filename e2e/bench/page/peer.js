/** @file transformers.js, as its README says, with its files from here and as many threads as ours. */

export async function load({ hub, exported, device, dtype, threads, verbose }) {
  const { env, pipeline } = await import('/peer/transformers.min.js')
  env.remoteHost = `${hub}/`
  const wasm = '/ort/ort-wasm-simd-threaded.asyncify'
  env.backends.onnx.wasm.wasmPaths = { mjs: `${wasm}.mjs`, wasm: `${wasm}.wasm` }
  env.backends.onnx.wasm.numThreads = threads // by itself it takes half of the cores
  if (verbose) env.backends.onnx.logLevel = 'verbose'
  const extract = await pipeline('feature-extraction', exported, {
    device,
    dtype: dtype === 'int8' ? 'q8' : dtype,
    session_options: verbose ? { logSeverityLevel: 0 } : {},
  })
  return async (texts) => (await extract(texts, { pooling: 'mean', normalize: true })).data
}
