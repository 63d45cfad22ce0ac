/** @file `AutoFeatureExtractor`: the feature extractor of a repository. */
import {
  CorruptFileError,
  type FileOptions,
  openRepository,
  type Repository,
  type Source,
} from '@webformers/hub'
import { type Json, readConfigFile } from '../config-file'
import { ASTFeatureExtractor } from './audio-spectrogram-transformer'
import { ClapFeatureExtractor } from './clap'
import { type FeatureExtractor, type FeatureExtractorClass, isRepository } from './feature-extractor'
import { Wav2Vec2FeatureExtractor } from './wav2vec2'
import { WhisperFeatureExtractor } from './whisper'

const classes = {
  ASTFeatureExtractor,
  ClapFeatureExtractor,
  Wav2Vec2FeatureExtractor,
  WhisperFeatureExtractor,
} as unknown as Readonly<Record<string, FeatureExtractorClass>>

/** Which class a model's is of, where its preprocessor_config.json does not say. */
const models: Readonly<Record<string, readonly string[]>> = {
  ASTFeatureExtractor: ['audio-spectrogram-transformer'],
  ClapFeatureExtractor: ['clap'],
  Wav2Vec2FeatureExtractor: [
    'data2vec-audio',
    'hubert',
    'moonshine',
    'sew',
    'sew-d',
    'unispeech',
    'unispeech-sat',
    'wav2vec2',
    'wav2vec2-conformer',
    'wavlm',
  ],
  WhisperFeatureExtractor: ['whisper'],
}

export const AutoFeatureExtractor = {
  /** The feature extractor of a repository, of the class that its files name. Like `AutoFeatureExtractor.from_pretrained` in Python.
   * @example
   * const featureExtractor = await AutoFeatureExtractor.fromPretrained('openai/whisper-base')
   * const { input_features } = await featureExtractor(recording) // shape [1, 80, 3000]
   * @throws {RepositoryNotFoundError} @throws {FileNotFoundError} @throws {OfflineError}
   * @throws {CorruptFileError} when no file names a class that is known
   */
  async fromPretrained(
    source: Source | Repository,
    options: FileOptions & { config?: Json } = {},
  ): Promise<FeatureExtractor> {
    const repository = isRepository(source) ? source : await openRepository(source, options)
    const json = { ...(await readConfigFile(repository, 'feature_extractor')), ...options.config }
    return classes[await nameOf(json, repository)]!.fromConfig(json)
  },
}

async function nameOf({ feature_extractor_type: named }: Json, repository: Repository): Promise<string> {
  if (typeof named === 'string' && Object.hasOwn(classes, named)) return named
  const known = `Known: ${Object.keys(classes).join(', ')}.`
  if (named !== undefined)
    throw new CorruptFileError(
      `${repository.name} has a feature extractor of type ${JSON.stringify(named)}. ${known}`,
    )
  const { model_type } = (await repository.has('config.json'))
    ? await repository.json<{ model_type?: string }>('config.json')
    : {}
  const found = Object.keys(models).find((name) => models[name]!.includes(model_type ?? ''))
  if (found) return found
  throw new CorruptFileError(
    `${repository.name} names no feature_extractor_type, and its model_type is ${JSON.stringify(model_type)}. ${known}`,
  )
}
