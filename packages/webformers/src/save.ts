/** @file Models as files, the ones that Python's `save_pretrained` writes, and where they can go. */
import {
  checkpointFiles,
  type Repository,
  type SavedTensor,
  type SaveFilesOptions,
  type SaveTarget,
  type ShardOptions,
  saveFiles,
  staleFiles,
  writeCheckpoint,
} from '@webformers/hub'
import type { Head } from '@webformers/models'
import type { Client, SaveDType, WeightPolicy } from '@webformers/runtime'
import type { Adapted } from './adapters/adapted'
import { className, configFile, readText } from './config-file'
import type { Configured } from './configured'
import { withTables } from './saved-tables'

/** How a model is written. */
export interface ModelFilesOptions extends ShardOptions {
  /** What floating point is written in. Default: `'keep'`, each tensor in the type that its checkpoint has. */
  dtype?: 'keep' | SaveDType
  signal?: AbortSignal
}

export interface SaveModelOptions extends ModelFilesOptions, SaveFilesOptions {}

/** A model as saving sees it: where its weights are, and what they are of. */
export interface SavableModel {
  readonly client: Client
  readonly files: Record<string, Blob>
  readonly policy: WeightPolicy
  readonly configured: Configured
  readonly head: Head
  readonly repository: Repository
  readonly adapters?: Adapted
}

/** The heads that generate, and whose settings for that go with them. */
const GENERATIVE: readonly Head[] = ['ForCausalLM', 'ForConditionalGeneration']
const GENERATION = 'generation_config.json'

/** The model as files by path: its configuration, that of generation where there is one, and its weights; of a model with an
 * adapter that of the adapter. */
export async function modelFiles(
  model: SavableModel,
  { dtype = 'keep', maxShardSize, variant, signal }: ModelFilesOptions = {},
): Promise<Record<string, Blob>> {
  const { client, policy, head, repository, configured } = model
  const adapter = await model.adapters?.files()
  if (adapter) return adapter
  const weightsOnly = await client.save(model.files, policy, {
    dtype: dtype === 'keep' ? undefined : dtype,
    signal,
  })
  const tensors = withTables(weightsOnly, configured.architecture.tables)
  const text = await readText(repository, signal)
  const weights = writeCheckpoint(tensors, { maxShardSize, variant })
  const name = className(configured.config, head)
  const changes = { dtype: floatType(tensors), ...(name && { architectures: [name] }) }
  const files = { 'config.json': configFile(configured, changes, text), ...weights }
  const { ForConditionalGeneration } = configured.architecture.otherHeads ?? {}
  const generative = [...GENERATIVE, ForConditionalGeneration].includes(head)
  const generates = generative && (await repository.has(GENERATION, { signal }))
  return generates ? { ...files, [GENERATION]: await repository.file(GENERATION, { signal }) } : files
}

/** @returns the paths of the files. */
export async function saveModel(
  model: SavableModel,
  target: SaveTarget,
  options: SaveModelOptions = {},
): Promise<string[]> {
  const files = await modelFiles(model, options)
  const paths = await saveFiles(target, files, options, (present) => staleFiles(present, files))
  if (typeof target !== 'string') await openReplaced(model, options)
  return paths
}

/** A model that was saved over the directory it came from reads on from the new files: the old ones are gone. */
async function openReplaced({ files, repository }: SavableModel, { variant }: ShardOptions): Promise<void> {
  const reading = Object.values(files).map((file) => file.slice(0, 1).arrayBuffer())
  const unreadable = (await Promise.allSettled(reading)).some(({ status }) => status === 'rejected')
  if (!unreadable) return
  const now = await checkpointFiles(repository, { variant })
  for (const name of Object.keys(files)) delete files[name]
  Object.assign(files, now)
}

/** @returns the paths of the files. */
export async function saveConfiguration(
  configured: Configured,
  repository: Repository,
  target: SaveTarget,
  options: SaveFilesOptions,
): Promise<string[]> {
  const text = await readText(repository, options.signal)
  return saveFiles(target, { 'config.json': configFile(configured, {}, text) }, options)
}

const pythonNames = { F64: 'float64', F32: 'float32', F16: 'float16', BF16: 'bfloat16' } as const

/** The type of the first tensor of floating point, as Python names it. */
function floatType(tensors: readonly SavedTensor[]): string | undefined {
  for (const { dtype } of tensors)
    if (dtype in pythonNames) return pythonNames[dtype as keyof typeof pythonNames]
  return undefined
}
