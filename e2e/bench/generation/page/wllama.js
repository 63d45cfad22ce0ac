/** @file wllama, which is llama.cpp as WASM; it tells its times itself. */
export async function load({ hub, exported, file, threads }) {
  const { Wllama } = await import('/wllama/index.min.js')
  const wllama = new Wllama({ default: '/wllama/wasm/wllama.wasm' }, { suppressNativeLog: true })
  const url = `${hub}/${exported}/resolve/main/${file}`
  await wllama.loadModelFromUrl(url, { n_threads: threads, n_ctx: 1024, n_gpu_layers: 0, useCache: true })
  return {
    async generate({ text }, count) {
      const { timings } = await wllama.createCompletion({
        prompt: text,
        max_tokens: count,
        temp: 0,
        temperature: 0,
        ignore_eos: true,
      })
      // The first token comes of the prompt.
      return { tokens: timings.predicted_n, prefill: timings.prompt_ms, decode: timings.predicted_ms }
    },
  }
}
