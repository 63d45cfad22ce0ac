/** @file transformers.js, as its README says, with its files from here and as many threads as ours. */
import { AutoModelForSpeechSeq2Seq, env, Tensor, WhisperFeatureExtractor } from '/peer/transformers.min.js'

const START = 4 // what a text begins with

const wasm = '/ort/ort-wasm-simd-threaded.asyncify'
env.backends.onnx.wasm.wasmPaths = { mjs: `${wasm}.mjs`, wasm: `${wasm}.wasm` }

/** With what preprocessor_config.json of Whisper base says; it has onnxruntime multiply with the mel filters. */
export async function openExtractor({ threads }) {
  env.backends.onnx.wasm.numThreads = threads
  const extract = new WhisperFeatureExtractor({
    feature_extractor_type: 'WhisperFeatureExtractor',
    feature_size: 80,
    sampling_rate: 16000,
    n_fft: 400,
    hop_length: 160,
    chunk_length: 30,
    n_samples: 480000,
    nb_max_frames: 3000,
    padding_side: 'right',
    padding_value: 0,
    return_attention_mask: false,
  })
  return async (sound) => (await extract(sound)).input_features.data
}

export async function load({ hub, exported, dtype }) {
  env.remoteHost = `${hub}/`
  const model = await AutoModelForSpeechSeq2Seq.from_pretrained(exported, { device: 'wasm', dtype })
  return {
    async write(features, count) {
      const inputs = new Tensor('float32', features, [1, 80, 3000])
      const found = await model.generate({ inputs, language: 'en', max_new_tokens: count })
      return found.dims[1] - START
    },
  }
}
