/** @file Configurations: `config.json` with the defaults of its architecture filled in. */
import {
  type FileOptions,
  openRepository,
  type Repository,
  readGgufConfig,
  type SaveFilesOptions,
  type SaveTarget,
  type Source,
} from '@webformers/hub'
import { type Json, type PretrainedConfig, UnknownArchitectureError } from '@webformers/models'
import type { Configured } from './configured'
import type { LoadOptions } from './load-options'
import { architectureOf, knownTypes } from './registry'

/** A repository that is open already, or one to open. */
export const openSource = (source: Source | Repository, options: FileOptions): Promise<Repository> =>
  isRepository(source) ? Promise.resolve(source) : openRepository(source, options)

const isRepository = (source: Source | Repository): source is Repository =>
  typeof source === 'object' && 'json' in source && 'has' in source

/** Read a repository's configuration; keys of `config` take the place of the file's.
 * @param files the checkpoint's, where they come anyway: a GGUF file is its own configuration
 * @throws {UnknownArchitectureError} */
export async function readConfiguration(
  repository: Repository,
  { config: changes = {}, ggufFile }: Pick<LoadOptions, 'config' | 'ggufFile'> = {},
  files?: Promise<Readonly<Record<string, Blob>>>,
): Promise<Configured> {
  const found: Json =
    ggufFile === undefined
      ? await repository.json<Json>('config.json')
      : await readGgufConfig(ggufFile, (await files)?.[ggufFile] ?? (await repository.file(ggufFile)))
  const json = { ...relabelled(found, changes), ...changes }
  const { model_type } = json
  if (typeof model_type !== 'string') {
    throw new UnknownArchitectureError(
      `${ggufFile ?? 'config.json'} of ${repository.name} names no model_type. Known: ${knownTypes().join(', ')}. ` +
        "Say which it is: fromPretrained(source, { config: { model_type: 'bert' } }).",
    )
  }
  const architecture = await architectureOf(model_type)
  return { architecture, config: { ...json, ...architecture.config(json) }, json }
}

/** Names of labels do not outlast a change of their number. */
function relabelled(found: Json, { num_labels, id2label }: Json): Json {
  const before = Object.keys((found.id2label as object | undefined) ?? {}).length
  if (num_labels === undefined || id2label !== undefined || num_labels === before) return found
  const { id2label: _names, label2id: _ids, ...rest } = found
  return rest
}

/** A configuration that can be saved. */
export interface SavableConfig {
  /** Save it as Python's `save_pretrained` writes a `config.json`; keys that were changed are saved as they are now.
   * @example
   * await config.savePretrained(directory) // ['config.json']
   * @throws {SaveError} @throws {StorageFullError} @throws {PermissionError}
   */
  savePretrained(target: SaveTarget, options?: SaveFilesOptions): Promise<string[]>
}

/** The method is no key: whoever lists, copies or sends the configuration does not meet it. */
function savable(configured: Configured, repository: Repository): PretrainedConfig & Json & SavableConfig {
  const savePretrained: SavableConfig['savePretrained'] = async (target, options = {}) => {
    const { saveConfiguration } = await import('./save')
    return saveConfiguration(configured, repository, target, options)
  }
  const { config } = configured
  return Object.defineProperty(config, 'savePretrained', { value: savePretrained }) as typeof config &
    SavableConfig
}

/** Gets the configuration of any model. Like `AutoConfig` in Python. */
export const AutoConfig = {
  /** The configuration in a repository's `config.json`, with the defaults of its architecture.
   * @example
   * const config = await AutoConfig.fromPretrained('google-bert/bert-base-uncased')
   * config.hidden_size // 768
   * const { rope_theta } = await AutoConfig.fromPretrained(repo, { ggufFile: 'model.Q4_K_M.gguf' }) // of the file's metadata
   * @throws {UnknownArchitectureError} when nobody has written or registered its `model_type`
   * @throws {RepositoryNotFoundError} @throws {FileNotFoundError} @throws {OfflineError}
   */
  async fromPretrained(
    source: Source | Repository,
    options: FileOptions & Pick<LoadOptions, 'config' | 'ggufFile'> = {},
  ): Promise<PretrainedConfig & Json & SavableConfig> {
    const repository = await openSource(source, options)
    return savable(await readConfiguration(repository, options), repository)
  },
}
