/** @file Sound → tensors. */
export { ASTFeatureExtractor } from './audio-spectrogram-transformer'
export type { ASTFeatureExtractorConfig, ASTFeatures } from './audio-spectrogram-transformer-features'
export { AutoFeatureExtractor } from './auto-feature-extractor'
export { ClapFeatureExtractor } from './clap'
export type {
  ClapFeatureExtractorConfig,
  ClapFeatureOptions,
  ClapFeatures,
  ClapPadding,
  ClapTruncation,
} from './clap-features'
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
export { Wav2Vec2FeatureExtractor } from './wav2vec2'
export type {
  Wav2Vec2FeatureExtractorConfig,
  Wav2Vec2FeatureOptions,
  Wav2Vec2Features,
} from './wav2vec2-features'
export { WhisperFeatureExtractor } from './whisper'
export type {
  WhisperFeatureExtractorConfig,
  WhisperFeatureOptions,
  WhisperFeatures,
} from './whisper-features'
