/** @file A feature extractor: a function that makes a model's inputs of sound, and what its configuration says. */
import {
  type FileOptions,
  modelCard,
  openRepository,
  type Pushed,
  type PushOptions,
  PythonFloat,
  pushFiles,
  type Repository,
  type SaveFilesOptions,
  type SaveTarget,
  type Source,
  saveFiles,
} from '@webformers/hub'
import { CONFIG_FILE, configFile, type Json, plain, readConfigFile } from '../config-file'
import type { FeatureTensor } from '../tensor'
import { loadAudio } from './lazy'
import type { AudioInput } from './load-audio'

/** What every call may say. */
export interface FeatureExtractorOptions {
  /** Samples a second of bare samples. Default: the model's; where it is another, the sound is resampled. */
  samplingRate?: number
  fetch?: typeof fetch
  signal?: AbortSignal
}

/** Keys that all feature extractors have. */
export interface FeatureExtractorConfig {
  feature_extractor_type: string
  feature_size: number
  /** Samples a second. */
  sampling_rate: number
  padding_value: number
  padding_side: string
  return_attention_mask: boolean
  processor_class?: string
}

export type Features = Record<string, FeatureTensor | number[]>

/** Makes a model's inputs of one sound, or of a list of them. Like `SequenceFeatureExtractor` in Python, except that the answer is
 * always tensors, and comes later: long work is done in between the page's other work. */
export interface FeatureExtractor<
  C extends FeatureExtractorConfig = FeatureExtractorConfig,
  O extends FeatureExtractorOptions = FeatureExtractorOptions,
  F extends Features = Features,
> {
  /** @throws {AudioDecodeError} @throws {AudioError} @throws {FileNotFoundError} @throws {NetworkError} */
  (sound: AudioInput | readonly AudioInput[], options?: O): Promise<F>
  /** The keys of preprocessor_config.json with Python's defaults; those that are changed are saved as they are now. */
  readonly config: C
  /** Save preprocessor_config.json as Python writes it.
   * @example
   * await featureExtractor.savePretrained(directory) // ['preprocessor_config.json']
   * @throws {SaveError} @throws {StorageFullError} @throws {PermissionError}
   */
  savePretrained(target: SaveTarget, options?: SaveFilesOptions): Promise<string[]>
  /** Upload it to a repository of the Hub. Like `push_to_hub` in Python.
   * @throws {PushToHubError}
   */
  pushToHub(repository: string, options?: PushOptions): Promise<Pushed>
  /** What `savePretrained` writes, by path. */
  toFiles(): Record<string, Blob>
}

/** A class of feature extractors. */
export interface FeatureExtractorClass<
  C extends FeatureExtractorConfig = FeatureExtractorConfig,
  O extends FeatureExtractorOptions = FeatureExtractorOptions,
  F extends Features = Features,
> {
  /** The feature extractor of a repository, whose configuration keys can be overridden.
   * @example
   * const featureExtractor = await WhisperFeatureExtractor.fromPretrained('openai/whisper-base')
   * const { input_features } = await featureExtractor('speech.wav') // { dtype: 'float32', shape: [1, 80, 3000], data }
   * @throws {RepositoryNotFoundError} @throws {FileNotFoundError} @throws {OfflineError}
   */
  fromPretrained(
    source: Source | Repository,
    options?: FileOptions & { config?: Partial<C> },
  ): Promise<FeatureExtractor<C, O, F>>
  /** One with Python's defaults, as far as `config` says nothing else. Like calling the class in Python. */
  fromConfig(config?: Partial<C>): Promise<FeatureExtractor<C, O, F>>
}

/** What is a class's own. */
export interface FeatureExtractorDefinition<
  C extends FeatureExtractorConfig,
  O extends FeatureExtractorOptions,
  F extends Features,
> {
  /** Python's defaults; PythonFloats are what Python holds as a float. */
  readonly defaults: { readonly [K in keyof C]: C[K] | (C[K] extends number ? PythonFloat : never) }
  /** Keys that follow from others. */
  readonly derived?: (config: C) => Partial<C>
  extract(sounds: readonly Float32Array[], config: C, options: O): Promise<F>
}

/** A float that is written with a point: `0.0`. */
export const float = (value: number) => new PythonFloat(value)

export const isRepository = (source: Source | Repository): source is Repository =>
  typeof source === 'object' && 'json' in source && 'has' in source

/** A class with all that classes have in common. */
export function featureExtractorClass<
  C extends FeatureExtractorConfig,
  O extends FeatureExtractorOptions,
  F extends Features,
>(definition: FeatureExtractorDefinition<C, O, F>): FeatureExtractorClass<C, O, F> {
  return {
    async fromPretrained(source, options = {}) {
      const repository = isRepository(source) ? source : await openRepository(source, options)
      const json = await readConfigFile(repository, 'feature_extractor')
      return make(definition, { ...json, ...options.config })
    },
    fromConfig: async (config = {}) => make(definition, config),
  }
}

function make<C extends FeatureExtractorConfig, O extends FeatureExtractorOptions, F extends Features>(
  { defaults, derived, extract }: FeatureExtractorDefinition<C, O, F>,
  given: Json,
): FeatureExtractor<C, O, F> {
  const { feature_extractor_type } = defaults
  const before: Json = { ...defaults, ...given, feature_extractor_type }
  const config = plain(before) as C
  Object.assign(config, derived?.(config))
  const toFiles = () => ({ [CONFIG_FILE]: configFile(config as unknown as Json, before) })
  const call = async (sound: AudioInput | readonly AudioInput[], options: O = {} as O): Promise<F> => {
    const { samplingRate: inputRate, fetch, signal } = options
    const sounds: Float32Array[] = []
    for (const each of isBatch(sound) ? sound : [sound])
      sounds.push(await loadAudio(each, { samplingRate: config.sampling_rate, inputRate, fetch, signal }))
    return extract(sounds, config, options)
  }
  const savePretrained = (target: SaveTarget, options: SaveFilesOptions = {}) =>
    saveFiles(target, toFiles(), options)
  const pushToHub = (repository: string, options: PushOptions = {}) => {
    const commitMessage = options.commitMessage ?? 'Upload feature extractor'
    return pushFiles(repository, toFiles(), { ...options, commitMessage }, async (name) =>
      modelCard({ repository: name, what: 'feature extractor', autoClass: 'AutoFeatureExtractor' }),
    )
  }
  return Object.assign(call, { config, savePretrained, pushToHub, toFiles })
}

/** A list of numbers is one sound. */
const isBatch = (sound: AudioInput | readonly AudioInput[]): sound is readonly AudioInput[] =>
  Array.isArray(sound) && typeof sound[0] !== 'number'
