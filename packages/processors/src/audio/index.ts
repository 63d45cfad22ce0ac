/** @file Sound → tensors. */
export {
  ASTFeatureExtractor,
  type ASTFeatureExtractorConfig,
  type ASTFeatures,
} from './audio-spectrogram-transformer'
export { AutoFeatureExtractor } from './auto-feature-extractor'
export {
  ClapFeatureExtractor,
  type ClapFeatureExtractorConfig,
  type ClapFeatureOptions,
  type ClapFeatures,
  type ClapPadding,
  type ClapTruncation,
} from './clap'
export { AudioDecodeError, AudioError, MicrophoneError, type MicrophoneFailure } from './errors'
export type {
  FeatureExtractor,
  FeatureExtractorClass,
  FeatureExtractorConfig,
  FeatureExtractorOptions,
  Features,
} from './feature-extractor'
export { loadAudio, microphoneChunks, openMicrophone, resample } from './lazy'
export type { AudioInput, LoadAudioOptions, RawAudio, Samples } from './load-audio'
export type { MicrophoneOptions } from './microphone'
export {
  Wav2Vec2FeatureExtractor,
  type Wav2Vec2FeatureExtractorConfig,
  type Wav2Vec2FeatureOptions,
  type Wav2Vec2Features,
} from './wav2vec2'
export {
  WhisperFeatureExtractor,
  type WhisperFeatureExtractorConfig,
  type WhisperFeatureOptions,
  type WhisperFeatures,
} from './whisper'
