/** @file transformers.js' feature extractor, with what preprocessor_config.json of Whisper base says. */
import { env, WhisperFeatureExtractor } from '/peer/transformers.min.js'

export async function open() {
  // It has onnxruntime multiply with the mel filters.
  const wasm = '/ort/ort-wasm-simd-threaded.asyncify'
  env.backends.onnx.wasm.wasmPaths = { mjs: `${wasm}.mjs`, wasm: `${wasm}.wasm` }
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
