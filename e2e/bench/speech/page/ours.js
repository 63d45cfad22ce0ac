/** @file webformers: its feature extractor, and its model from the original safetensors. */
import { AutoModelForSpeechSeq2Seq, configure, tensor, WhisperFeatureExtractor } from '/ours/webformers.js'

export async function openExtractor() {
  const extract = await WhisperFeatureExtractor.fromConfig()
  return async (sound) => (await extract(sound)).input_features.data
}

export async function load({ hub, exported, dtype, threads }) {
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
