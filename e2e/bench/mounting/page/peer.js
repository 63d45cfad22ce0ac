/** @file transformers.js, from an ONNX graph whose external data are the same files. */

export async function load({ hub, exported, device, threads }) {
  const { AutoModel, env, Tensor } = await import('/peer/transformers.min.js')
  env.remoteHost = `${hub}/`
  const wasm = '/ort/ort-wasm-simd-threaded.asyncify'
  env.backends.onnx.wasm.wasmPaths = { mjs: `${wasm}.mjs`, wasm: `${wasm}.wasm` }
  env.backends.onnx.wasm.numThreads = threads
  const model = await AutoModel.from_pretrained(exported, { device, dtype: 'fp32' })
  const row = (values) => new Tensor('int64', BigInt64Array.from(values, BigInt), [1, values.length])
  return async (ids) => {
    const filled = (value) => row(ids.map(() => value))
    const inputs = { input_ids: row(ids), attention_mask: filled(1), token_type_ids: filled(0) }
    return (await model(inputs)).last_hidden_state.data
  }
}
