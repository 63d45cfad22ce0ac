/** @file Which files of a repository are its exported model: the parts it was exported in, their precision, their weights. */
import { FileNotFoundError, type Repository } from '@webformers/hub'
import type { Json } from '@webformers/models'
import type { Device, ExportedPart } from '@webformers/runtime'
import { OptionError } from '../errors'
import { cpuOnly, type ExportedPrecision, type LoadOptions } from '../load-options'

/** How a file's name ends in each precision. */
const suffixes = {
  fp32: '',
  fp16: '_fp16',
  int8: '_int8',
  uint8: '_uint8',
  q8: '_quantized',
  q4: '_q4',
  q4f16: '_q4f16',
  bnb4: '_bnb4',
} as const satisfies Record<ExportedPrecision, string>

const precisions = Object.keys(suffixes) as ExportedPrecision[]
const isPrecision = (name: unknown): name is ExportedPrecision =>
  precisions.includes(name as ExportedPrecision)

/** What `'auto'` takes, best first: the first is transformers.js's own default for the device. */
const preferred: Readonly<Record<Device, readonly ExportedPrecision[]>> = {
  wasm: ['q8', 'fp32', 'int8', 'uint8', 'fp16', 'q4', 'bnb4', 'q4f16'],
  webgpu: ['fp32', 'fp16', 'q4f16', 'q4', 'q8', 'int8', 'uint8', 'bnb4'],
}

/** Precisions that want a GPU which computes in half. */
export const halfPrecision: readonly string[] = ['fp16', 'q4f16'] satisfies ExportedPrecision[]

/** The parts a model may be exported in, each with its file's name, precision and `.onnx` aside. */
type Layout = Readonly<Partial<Record<ExportedPart, string>>>

const pairs: readonly Layout[] = [
  { encoder: 'encoder_model', decoder: 'decoder_model_merged' },
  { encoder: 'encoder_model', decoder: 'decoder_model', decoderWithPast: 'decoder_with_past_model' },
  { encoder: 'encoder_model', decoder: 'decoder_model' },
]
const singles: readonly Layout[] = [
  { model: 'model' },
  { model: 'decoder_model_merged' },
  { decoder: 'decoder_model', decoderWithPast: 'decoder_with_past_model' },
  { model: 'decoder_model' },
]
/** transformers.js's layout, and Optimum's. */
const FOLDERS = ['onnx/', '']

/** A part of a model, and the files of weights beside it. */
export interface GraphFile {
  readonly path: string
  readonly precision: ExportedPrecision
  readonly data: readonly string[]
}
export type GraphFiles = Readonly<Partial<Record<ExportedPart, GraphFile>>>

/** What transformers.js keeps of its own in `config.json`. */
interface PeerConfig {
  readonly dtype?: unknown
  readonly use_external_data_format?: unknown
  readonly device_config?: Readonly<Record<string, PeerConfig>>
}

/** Which exported model is meant. */
export type GraphOptions = Pick<LoadOptions, 'dtype' | 'fromOnnx' | 'modelFileName'>

/** Whether a repository has exported graphs under the usual names. */
export async function hasGraphs(repository: Repository): Promise<boolean> {
  const has = await shelf(repository)
  for (const folder of FOLDERS)
    for (const layout of [...singles, ...pairs])
      if (await anyPrecision(Object.values(layout)[0]!, folder, has)) return true
  return false
}

/**
 * The files of the exported model that the options mean.
 * @throws {FileNotFoundError} when there are none of that precision; it lists those there are
 * @throws {OptionError} when `dtype` names no precision
 */
export async function findGraphs(
  repository: Repository,
  config: Json,
  options: GraphOptions,
  device: Device,
): Promise<GraphFiles> {
  const peer = peerConfig(config, device)
  const has = await shelf(repository)
  const layouts = layoutsFor(config, options)
  for (const folder of FOLDERS) {
    for (const layout of layouts) {
      const found = await findLayout(layout, folder, has, (stem) => candidates(stem, options, peer, device))
      if (!found) continue
      const parts = Object.entries(found).map(async ([part, { path, precision }]) => {
        const data = await dataFiles(path, peer, has)
        return [part, { path, precision, data }] as const
      })
      return Object.fromEntries(await Promise.all(parts))
    }
  }
  throw await nothingFound(repository, layouts, options, has)
}

/** The bytes that a GPU would run; none where no GPU kernel computes them, infinite where nothing tells them. */
export async function gpuBytes(repository: Repository, options: GraphOptions): Promise<number> {
  const config = await repository.json<Json>('config.json')
  const graphs = Object.values(await findGraphs(repository, config, options, 'webgpu'))
  if (graphs.some(({ precision }) => cpuOnly.includes(precision))) return 0
  const paths = graphs.flatMap(({ path, data }) => [path, ...data])
  const sizes = await Promise.all(paths.map((path) => repository.size(path)))
  return sizes.reduce<number>((sum, size) => sum + (size ?? Number.POSITIVE_INFINITY), 0)
}

type Has = (path: string) => Promise<boolean>

/** Whether a file is there, asked once: a repository that lists its files need not be asked again. */
async function shelf(repository: Repository): Promise<Has> {
  const listed = await repository.list()
  if (listed) return async (path) => listed.includes(path)
  const asked = new Map<string, Promise<boolean>>()
  return (path) => {
    const known = asked.get(path) ?? repository.has(path)
    asked.set(path, known)
    return known
  }
}

function layoutsFor({ is_encoder_decoder }: Json, { modelFileName }: GraphOptions): readonly Layout[] {
  if (modelFileName !== undefined) return [{ model: modelFileName.replace(/\.onnx$/, '') }]
  return is_encoder_decoder ? [...pairs, ...singles] : [...singles, ...pairs]
}

const pathOf = (folder: string, stem: string, precision: ExportedPrecision) =>
  `${folder}${stem}${suffixes[precision]}.onnx`

type Found = Record<string, { path: string; precision: ExportedPrecision }>

/** All parts of a layout, each in the first of its precisions that is there. */
async function findLayout(
  layout: Layout,
  folder: string,
  has: Has,
  candidatesFor: (stem: string) => readonly ExportedPrecision[],
): Promise<Found | undefined> {
  const found: Found = {}
  for (const [part, stem] of Object.entries(layout)) {
    for (const precision of candidatesFor(stem)) {
      const path = pathOf(folder, stem, precision)
      if (found[part] || !(await has(path))) continue
      found[part] = { path, precision }
    }
    if (!found[part]) return undefined
  }
  return found
}

async function anyPrecision(stem: string, folder: string, has: Has): Promise<boolean> {
  const there = await Promise.all(precisions.map((precision) => has(pathOf(folder, stem, precision))))
  return there.includes(true)
}

/** The precisions a part may have, best first: what was asked for alone, else what the configuration and the device suggest. */
function candidates(
  stem: string,
  { dtype = 'auto', modelFileName }: GraphOptions,
  peer: PeerConfig,
  device: Device,
): readonly ExportedPrecision[] {
  const asked = typeof dtype === 'string' ? dtype : (dtype[stem] ?? 'auto')
  if (isPrecision(asked)) return [asked]
  if (asked !== 'auto') {
    throw new OptionError(`dtype '${asked}' names no exported file. Known: 'auto', ${quoted(precisions)}.`)
  }
  const own = typeof peer.dtype === 'object' ? (peer.dtype as Json | null)?.[stem] : peer.dtype
  const exact: readonly unknown[] = modelFileName === undefined ? [] : ['fp32'] // the name may be the whole name
  return [...new Set([...exact, own, ...preferred[device]])].filter(isPrecision)
}

/** transformers.js's part of `config.json`, with what it says of the device on top. */
function peerConfig(config: Json, device: Device): PeerConfig {
  const peer = (config['transformers.js_config'] ?? {}) as PeerConfig
  return { ...peer, ...peer.device_config?.[device] }
}

/** The files of weights beside a graph: as many as the configuration says, else those that are there under the usual names. */
async function dataFiles(
  path: string,
  { use_external_data_format: format }: PeerConfig,
  has: Has,
): Promise<string[]> {
  const name = (i: number) => `${path}_data${i === 0 ? '' : `_${i}`}`
  const base = path.slice(path.lastIndexOf('/') + 1)
  const said = typeof format === 'object' ? (format as Json | null)?.[base] : format
  const count = Number(said ?? 0) // true is 1
  if (count > 0) return Array.from({ length: count }, (_, i) => name(i))
  const found: string[] = []
  while (await has(name(found.length))) found.push(name(found.length))
  if (await has(`${path}.data`)) found.push(`${path}.data`) // as PyTorch's exporter names it
  return found
}

const quoted = (names: readonly string[]) => names.map((name) => `'${name}'`).join(', ')

async function nothingFound(
  repository: Repository,
  layouts: readonly Layout[],
  { dtype = 'auto' }: GraphOptions,
  has: Has,
): Promise<FileNotFoundError> {
  const stems = [...new Set(layouts.flatMap((layout) => Object.values(layout)))]
  const there: string[] = []
  for (const folder of FOLDERS)
    for (const stem of stems)
      for (const precision of precisions) {
        const path = pathOf(folder, stem, precision)
        if (await has(path)) there.push(`${path} (dtype: '${precision}')`)
      }
  const wanted =
    typeof dtype === 'string' ? (dtype === 'auto' ? '' : ` of dtype '${dtype}'`) : ' of the dtypes asked for'
  return new FileNotFoundError(
    `${repository.name} has no exported model${wanted}. ` +
      (there.length > 0
        ? `It has ${there.join(', ')}.`
        : `Looked for ${stems.map((stem) => `${stem}.onnx`).join(', ')} in onnx/ and beside config.json.`),
  )
}
