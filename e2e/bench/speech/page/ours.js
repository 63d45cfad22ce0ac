/** @file webformers, from the original safetensors. */
export async function load({ hub, exported, dtype, threads }) {
  const { AutoModelForSpeechSeq2Seq, configure, tensor } = await import('/ours/webformers.js')
  configure({ endpoint: hub })
  const model = await AutoModelForSpeechSeq2Seq.fromPretrained(exported, {
    device: 'wasm',
    dtype,
    threads,
    writes: true,
  })
  return {
    async write(features, count) {
      const input_features = tensor(features, [1, 80, 3000])
      const found = await model.generate({ input_features }, { language: 'en', maxNewTokens: count })
      return found.shape[1]
    },
  }
}
