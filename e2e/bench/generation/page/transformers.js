/** @file transformers.js, as its README says, with its files from here and as many threads as ours. */
export async function load({ hub, exported, dtype, threads }) {
  const { AutoModelForCausalLM, env, Tensor } = await import('/peer/transformers.min.js')
  env.remoteHost = `${hub}/`
  const wasm = '/ort/ort-wasm-simd-threaded.asyncify'
  env.backends.onnx.wasm.wasmPaths = { mjs: `${wasm}.mjs`, wasm: `${wasm}.wasm` }
  env.backends.onnx.wasm.numThreads = threads
  const model = await AutoModelForCausalLM.from_pretrained(exported, { device: 'wasm', dtype })
  const vector = (values) => new Tensor('int64', BigInt64Array.from(values, BigInt), [1, values.length])
  return {
    async generate({ ids }, count) {
      const found = await model.generate({
        input_ids: vector(ids),
        attention_mask: vector(ids.map(() => 1)),
        max_new_tokens: count,
        do_sample: false,
        eos_token_id: -1,
      })
      return { tokens: found.dims[1] - ids.length }
    },
  }
}
