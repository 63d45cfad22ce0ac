/** @file webformers' feature extractor, as its documentation says. */
import { WhisperFeatureExtractor } from '/ours/webformers.js'

export async function open() {
  const extract = await WhisperFeatureExtractor.fromConfig()
  return async (sound) => (await extract(sound)).input_features.data
}
