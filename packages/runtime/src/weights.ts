/** @file From the parameters of a Program to the bytes of a checkpoint: mounted as they lie, or converted as they are read. */
import {
  BLOCK,
  type BlockType,
  type Initializer,
  type Parameter,
  type Program,
  type Transform,
  toFloat16,
} from '@webformers/graph'
import { type CheckpointDType, decodeEntry, type TensorEntry } from '@webformers/hub'
import { type Blocks, dequantizeBlocks, offsetsOf, quantizeBlocks, repackBlocks } from './blocks'
import { quantizeRows, rowScales, toFloat32, transposeMatrix } from './convert'
import type { Wanted, WeightPolicy } from './resolve'
import type { ExternalFile } from './session'
import { concatenate } from './tensor'

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

/** The file that does not exist: its tensors are made when they are read. */
const CONVERTED = 'converted'

/** Lay out the weights of a program, each of which `entries` holds by the parameter's own name. */
export function placeWeights(
  parameters: readonly Parameter[],
  entries: ReadonlyMap<string, TensorEntry>,
): Weights {
  const mounted = new Map<string, ExternalFile>()
  const converted = new ConvertedFile()
  const known: Known = { scales: new Map(), blocks: new Map() }
  const initializers = parameters.map((parameter): Initializer => {
    const { name, dtype, shape, transform, sources, pieces } = parameter
    const entry = entries.get(sources[0]!)!
    if (!pieces && !transform && !entry.decode && entry.dtype === asTheyAre[dtype]) {
      const { file, blob, offset, length } = entry
      if (!mounted.has(file)) mounted.set(file, mountedFile(file, blob))
      return { name, dtype, shape, location: file, offset, length }
    }
    const length = shape.reduce((product, dim) => product * dim, bytesOf[dtype])
    const make = (each: Parameter) => convert(each, entries.get(each.sources[0]!)!, known)
    const offset = converted.add(length, () => (pieces ? concatenate(...pieces.map(make)) : make(parameter)))
    return { name, dtype, shape, location: CONVERTED, offset, length }
  })
  return { initializers, files: [...mounted.values(), ...(converted.size > 0 ? [converted] : [])] }
}

/** The weights of the checkpoint that a parameter is made of. */
export const piecesOf = (parameter: Parameter): readonly Parameter[] => parameter.pieces ?? [parameter]

/** What a program alone asks of a checkpoint: all its parameters, as they are. */
export function strictPolicy({ parameters }: Pick<Program, 'parameters'>): WeightPolicy {
  const wanted = new Map<string, Wanted>()
  for (const { sources, shape, transform } of parameters.flatMap(piecesOf)) {
    if (transform?.kind === 'scales') continue // made of the matrix that stands beside them
    wanted.set(sources[0]!, { sources, shape: checkpointShape(shape, transform) })
  }
  return { parameters: [...wanted.values()], missing: 'refuse', mismatched: 'refuse', deviation: 0, seed: 0 }
}

/** The shape of the matrix that something is made of. */
function checkpointShape(shape: readonly number[], transform: Transform | undefined): readonly number[] {
  if (transform?.kind === 'quantize') return transform.transpose ? shape.toReversed() : shape
  if (transform?.kind !== 'blocks' || transform.part === 'numbers') return shape
  const matrix = [shape[0]!, shape[1]! * BLOCK]
  return transform.transposed ? matrix.toReversed() : matrix
}

/** Workers have it; the page's types do not. */
declare class FileReaderSync {
  readAsArrayBuffer(blob: Blob): ArrayBuffer
}

/** Read a part of a blob at once; onnxruntime can't wait while it loads a tensor. */
const readBlob = (blob: Blob, start: number, end: number) =>
  new Uint8Array(new FileReaderSync().readAsArrayBuffer(blob.slice(start, end)))

/** A blob as a file of weights. */
export const mountedFile = (path: string, blob: Blob): ExternalFile => ({
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

/** What was made beside a matrix that was quantized: it need not be read again for it. */
interface Known {
  readonly scales: Map<TensorEntry, Float32Array<ArrayBuffer>>
  readonly blocks: Map<TensorEntry, Pick<Blocks, 'scales' | 'minimums'>>
}

function convert({ dtype, transform }: Parameter, entry: TensorEntry, known: Known): Uint8Array<ArrayBuffer> {
  const made = madeOf(transform, entry, known)
  return bytes(dtype === 'float16' ? toFloat16(made as Float32Array) : made)
}

function madeOf(transform: Transform | undefined, entry: TensorEntry, known: Known) {
  if (!transform) return numbersOf(entry)
  switch (transform.kind) {
    case 'times':
      return numbersOf(entry).map((value) => value * transform.factor)
    case 'blocks':
      return blockPart(transform, entry, known.blocks)
    default:
      return ofWholeRows(transform, entry, known.scales)
  }
}

const storedBytes = ({ blob, offset, length }: TensorEntry) => readBlob(blob, offset, offset + length)

const numbersOf = (entry: TensorEntry): Float32Array<ArrayBuffer> =>
  toFloat32(decodeEntry(entry, storedBytes(entry)), entry.dtype)!

function ofWholeRows(
  transform: Transform & { kind: 'quantize' | 'scales' },
  entry: TensorEntry,
  known: Known['scales'],
): ArrayBufferView<ArrayBuffer> {
  const scales = known.get(entry)
  if (scales && transform.kind === 'scales') return scales.slice()
  const values = numbersOf(entry)
  const columns = transform.axis === 1
  const rows = columns ? transposeMatrix(values, entry.shape[0]!) : values
  const made = scales ?? rowScales(rows, entry.shape[transform.axis]!)
  known.set(entry, made)
  return transform.kind === 'scales'
    ? made.slice()
    : quantizeRows(rows, made, transform.transpose !== columns)
}

function blockPart(
  { part, type, transposed }: Transform & { kind: 'blocks' },
  entry: TensorEntry,
  known: Known['blocks'],
): ArrayBufferView<ArrayBuffer> {
  const rest = part === 'scales' || part === 'offsets' ? known.get(entry) : undefined
  const blocks = rest ? { quants: new Uint8Array(), ...rest } : blocksOf(entry, type, transposed)
  if (part === 'numbers') {
    const numbers = dequantizeBlocks(blocks, type)
    return transposed ? transposeMatrix(numbers, entry.shape[1]!) : numbers
  }
  const { quants, scales, minimums } = blocks
  known.set(entry, { scales, ...(minimums && { minimums }) })
  if (part === 'quants') return quants
  return part === 'scales' ? scales.slice() : offsetsOf(blocks, type)
}

/** Those of the file where it has them, else made of its numbers. */
function blocksOf(entry: TensorEntry, type: BlockType, transposed: boolean): Blocks {
  const { blocks: stored } = entry
  if (stored?.type === type && stored.transposed === transposed) {
    const whole = storedBytes(entry)
    return repackBlocks(stored.ordered?.(whole) ?? whole, type)
  }
  const numbers = numbersOf(entry)
  return quantizeBlocks(transposed ? transposeMatrix(numbers, entry.shape[0]!) : numbers, type)
}

const bytes = ({ buffer, byteOffset, byteLength }: ArrayBufferView<ArrayBuffer>) =>
  new Uint8Array(buffer, byteOffset, byteLength)
