/** @file An adapter's two files, as PEFT writes and reads them. */
import {
  decodeEntry,
  openCheckpoint,
  type Repository,
  type SavedTensor,
  type TensorEntry,
  writeSafetensors,
} from '@webformers/hub'
import { type PlainTensor, toFloat32 } from '@webformers/runtime'
import type { AdapterJson } from './config'
import { AdapterError } from './errors'
import { type AdapterPlan, listed } from './plan'

const CONFIG = 'adapter_config.json'
const WEIGHTS = ['adapter_model.safetensors', 'adapter_model.bin'] as const

/** Numbers of an adapter's parameters by their names in the model. */
export type AdapterWeights = Map<string, PlainTensor<'float32'>>

export interface AdapterFiles {
  readonly config: AdapterJson
  readonly entries: ReadonlyMap<string, TensorEntry>
}

/**
 * The files of an adapter in a repository.
 * @throws {FileNotFoundError} when there are none. @throws {CorruptFileError} @throws {CorruptCheckpointError}
 */
export async function openAdapter(repository: Repository, signal?: AbortSignal): Promise<AdapterFiles> {
  const config = await repository.json<AdapterJson>(CONFIG, { signal })
  const [safetensors, pickled] = WEIGHTS
  const name = (await repository.has(safetensors, { signal })) ? safetensors : pickled
  const { entries } = await openCheckpoint({ [name]: await repository.file(name, { signal }) })
  return { config, entries }
}

/**
 * The numbers of an adapter.
 * @throws {AdapterError} when the file lacks some, has others, or has them in other shapes.
 */
export async function readWeights(
  { parameters, config }: AdapterPlan,
  entries: AdapterFiles['entries'],
  source: string,
): Promise<AdapterWeights> {
  const given = new Map([...entries].flatMap(([key, entry]) => (isCopy(key) ? [] : [[plain(key), entry]])))
  const expected = new Map(parameters.map((parameter) => [plain(parameter.key), parameter]))
  const missing = [...expected].filter(([key]) => !given.has(key)).map(([, { key }]) => key)
  const unknown = [...given.keys()].filter((key) => !expected.has(key))
  const shapes = [...expected].flatMap(([key, { shape }]) => {
    const entry = given.get(key)
    const fits = !entry || String(entry.shape) === String(shape)
    return fits ? [] : [`${key} is [${entry.shape.join(', ')}], expected [${shape.join(', ')}]`]
  })
  const wrong = [
    missing.length > 0 && `it lacks ${listed(missing)}`,
    unknown.length > 0 && `it has ${listed(unknown)}, for which the model has no place`,
    shapes.length > 0 && listed(shapes),
  ].filter((each) => each !== false)
  if (wrong.length > 0) {
    throw new AdapterError(
      `The adapter of ${source} does not fit this model: ${wrong.join('; ')}. ` +
        `It was made for ${config.base_model_name_or_path ?? 'a model that it does not name'}, with target_modules ${JSON.stringify(config.target_modules)}.`,
    )
  }
  const weights: AdapterWeights = new Map()
  for (const [key, { name, shape }] of expected) weights.set(name, await tensorOf(given.get(key)!, shape))
  return weights
}

/** Modules that are trained whole are in some files once more, as PEFT's wrappers of them. */
const isCopy = (key: string) => key.includes('.original_module.') || key.includes('.modules_to_save.')
const plain = (key: string) => key.replace('.base_layer.', '.')

async function tensorOf(entry: TensorEntry, shape: readonly number[]): Promise<PlainTensor<'float32'>> {
  const stored = await entry.blob.slice(entry.offset, entry.offset + entry.length).arrayBuffer()
  const data = toFloat32(decodeEntry(entry, new Uint8Array(stored)), entry.dtype)
  if (data) return { dtype: 'float32', shape, data }
  throw new AdapterError(`${entry.name} of the adapter is of type ${entry.dtype}, expected floating point.`)
}

/** A tensor of a checkpoint as numbers. */
export async function numbersOf({ name, dtype, shape, bytes }: SavedTensor): Promise<PlainTensor<'float32'>> {
  const blob = bytes instanceof Blob ? bytes : new Blob([bytes])
  return tensorOf({ name, dtype, shape, blob, file: name, offset: 0, length: blob.size }, shape)
}

export const savedTensor = (name: string, { shape, data }: PlainTensor<'float32'>): SavedTensor => ({
  name,
  dtype: 'F32',
  shape,
  bytes: new Blob([data as Float32Array<ArrayBuffer>]),
})

/** Both files by path. */
export function adapterFiles(
  { parameters, config }: AdapterPlan,
  weights: AdapterWeights,
): Record<string, Blob> {
  const tensors = parameters.map(({ name, key }) => savedTensor(key, weights.get(name)!))
  return {
    [CONFIG]: new Blob([JSON.stringify(sorted({ ...config, inference_mode: true }), undefined, 2)]),
    [WEIGHTS[0]]: writeSafetensors(tensors),
  }
}

const sorted = (json: AdapterJson): AdapterJson =>
  Object.fromEntries(Object.entries(json).toSorted(([a], [b]) => (a < b ? -1 : 1)))
