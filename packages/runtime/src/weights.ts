/** @file From the parameters of a Program to the bytes of a checkpoint: mounted as they lie, or converted as they are read. */
import { type Initializer, type Parameter, toFloat16 } from '@webformers/graph'
import {
  type Checkpoint,
  type CheckpointDType,
  decodeEntry,
  MissingTensorError,
  type TensorEntry,
  TensorShapeError,
} from '@webformers/hub'
import { quantizeRows, rowScales, toFloat32 } from './convert'
import type { ExternalFile } from './session'

/** Where each weight lies, and the files they lie in. */
export interface Weights {
  readonly initializers: readonly Initializer[]
  readonly files: readonly ExternalFile[]
}

/** The types that need no conversion: what the checkpoint calls them. */
const asTheyAre: Record<Initializer['dtype'], CheckpointDType> = {
  float32: 'F32',
  float16: 'F16',
  int64: 'I64',
  int32: 'I32',
  int8: 'I8',
  uint8: 'U8',
  bool: 'BOOL',
}
const bytesOf: Record<Initializer['dtype'], number> = {
  float32: 4,
  float16: 2,
  int64: 8,
  int32: 4,
  int8: 1,
  uint8: 1,
  bool: 1,
}
const floats: readonly CheckpointDType[] = ['F32', 'F16', 'BF16', 'F64']

/** The file that does not exist: its tensors are made when they are read. */
const CONVERTED = 'converted'

/**
 * Find every parameter in the checkpoint.
 * @throws {MissingTensorError} when the checkpoint lacks some; it lists all of them.
 * @throws {TensorShapeError} when some have another shape or no floating point; it lists all of them.
 */
export function placeWeights(
  parameters: readonly Parameter[],
  { entries }: Pick<Checkpoint, 'entries'>,
): Weights {
  const found = findAll(parameters, entries)
  const mounted = new Map<string, ExternalFile>()
  const converted = new ConvertedFile()
  const scales: Scales = new Map()
  const initializers = found.map(([parameter, entry]): Initializer => {
    const { name, dtype, shape, transform } = parameter
    if (!transform && !entry.decode && entry.dtype === asTheyAre[dtype]) {
      const { file, blob, offset, length } = entry
      if (!mounted.has(file)) mounted.set(file, mountedFile(file, blob))
      return { name, dtype, shape, location: file, offset, length }
    }
    const length = shape.reduce((product, dim) => product * dim, bytesOf[dtype])
    const offset = converted.add(length, () => convert(parameter, entry, scales))
    return { name, dtype, shape, location: CONVERTED, offset, length }
  })
  return { initializers, files: [...mounted.values(), ...(converted.size > 0 ? [converted] : [])] }
}

/** Workers have it; the page's types do not. */
declare class FileReaderSync {
  readAsArrayBuffer(blob: Blob): ArrayBuffer
}

/** Read a part of a blob at once; onnxruntime can't wait while it loads a tensor. */
const readBlob = (blob: Blob, start: number, end: number) =>
  new Uint8Array(new FileReaderSync().readAsArrayBuffer(blob.slice(start, end)))

const mountedFile = (path: string, blob: Blob): ExternalFile => ({
  path,
  size: blob.size,
  read: (start, end) => readBlob(blob, start, end),
})

/** Tensors end to end that are converted one at a time, each when it is asked for, and not kept. */
class ConvertedFile implements ExternalFile {
  readonly path = CONVERTED
  size = 0
  readonly #tensors = new Map<number, () => Uint8Array<ArrayBuffer>>()

  add(length: number, make: () => Uint8Array<ArrayBuffer>): number {
    const offset = this.size
    this.#tensors.set(offset, make)
    this.size += length
    return offset
  }
  read(start: number): Uint8Array<ArrayBuffer> {
    return this.#tensors.get(start)!()
  }
}

/** The scales of matrices that were quantized: their rows need not be read again for them. */
type Scales = Map<TensorEntry, Float32Array<ArrayBuffer>>

function convert(
  { dtype, transform }: Parameter,
  entry: TensorEntry,
  known: Scales,
): Uint8Array<ArrayBuffer> {
  const scales = known.get(entry)
  if (scales && transform?.kind === 'scales') return bytes(scales.slice())
  const stored = readBlob(entry.blob, entry.offset, entry.offset + entry.length)
  const values = toFloat32(decodeEntry(entry, stored), entry.dtype)!
  if (!transform) return bytes(dtype === 'float16' ? toFloat16(values) : values)
  const made = scales ?? rowScales(values, entry.shape[0]!)
  known.set(entry, made)
  return bytes(transform.kind === 'scales' ? made.slice() : quantizeRows(values, made, transform.transpose))
}

const bytes = ({ buffer, byteOffset, byteLength }: ArrayBufferView<ArrayBuffer>) =>
  new Uint8Array(buffer, byteOffset, byteLength)

type Entries = Checkpoint['entries']

function findAll(parameters: readonly Parameter[], entries: Entries): [Parameter, TensorEntry][] {
  const found: [Parameter, TensorEntry][] = []
  const missing: string[] = []
  const wrong: string[] = []
  for (const parameter of parameters) {
    const name = parameter.sources.find((source) => entries.has(source))
    const entry = name === undefined ? undefined : entries.get(name)
    if (!entry) {
      missing.push(`  ${parameter.sources.join(' or ')} [${wanted(parameter)}]${nearest(parameter, entries)}`)
      continue
    }
    found.push([parameter, entry])
    const convertible = floats.includes(entry.dtype) || entry.dtype === asTheyAre[parameter.dtype]
    if (!fits(parameter, entry) || !convertible) {
      wrong.push(
        `  ${name} is ${entry.dtype} [${entry.shape.join(', ')}], expected floating point [${wanted(parameter)}]`,
      )
    }
  }
  if (missing.length > 0) {
    throw new MissingTensorError(
      `The checkpoint lacks ${missing.length} of the ${parameters.length} tensors of this model:\n${list(missing)}\n` +
        `It holds ${entries.size} tensors. Load it with the class it was saved from; a new head wants training first.`,
    )
  }
  if (wrong.length > 0) {
    throw new TensorShapeError(
      `${wrong.length} of the ${parameters.length} tensors of this model are of another kind in the checkpoint:\n${list(wrong)}\n` +
        'The config.json beside the checkpoint must be the one it was saved with.',
    )
  }
  return found
}

const LISTED = 20
/** All of them up to a length that a reader can take in. */
const list = (lines: readonly string[]) =>
  lines.length <= LISTED
    ? lines.join('\n')
    : `${lines.slice(0, LISTED).join('\n')}\n  … and ${lines.length - LISTED} more`

/** The shape a parameter has in the checkpoint; scales tell only how many rows. */
const wanted = ({ shape, transform }: Parameter): string =>
  transform?.kind === 'scales'
    ? `${shape[0]}, …`
    : (transform?.kind === 'quantize' && transform.transpose ? shape.toReversed() : shape).join(', ')

const fits = (parameter: Parameter, { shape }: TensorEntry) =>
  parameter.transform?.kind === 'scales'
    ? shape[0] === parameter.shape[0]
    : shape.join(', ') === wanted(parameter)

/** The tensor of the checkpoint whose path ends most like the missing one's. */
function nearest({ sources }: Parameter, entries: Entries): string {
  const path = sources[0]!.split('.').reverse()
  let best = { common: 1, name: '' }
  for (const name of entries.keys()) {
    const other = name.split('.').reverse()
    const differs = path.findIndex((part, i) => part !== other[i])
    const common = differs < 0 ? path.length : differs
    if (common > best.common) best = { common, name }
  }
  return best.name && `; near it: ${best.name} [${entries.get(best.name)!.shape.join(', ')}]`
}
