/** @file Flax's `flax_model.msgpack`: a tree of parameters, presented with PyTorch's names and layout. */
import {
  type CheckpointDType,
  countOf,
  itemSize,
  type TensorEntry,
  type TensorFile,
} from '../../tensor-entry'
import { permuted } from '../permuted'
import { Bytes, Extension, MessagePack, type Value } from './msgpack'
import { pytorchVariable } from './names'

/**
 * Read where the tensors of a Flax checkpoint lie.
 * @throws {TruncatedFileError} @throws {CorruptCheckpointError}
 */
export async function readFlax(file: string, blob: Blob): Promise<TensorFile> {
  const pack = new MessagePack(file, blob)
  const tree = await pack.read(0, blob.size)
  if (!(tree instanceof Map)) throw pack.corrupt('it is no map of parameters')
  const entries = new Map<string, TensorEntry>()
  for await (const { path, ...numbers } of arraysOf(pack, tree, [])) {
    const { axes, ...pytorchs } = pytorchVariable(path, numbers.shape)
    if (entries.has(pytorchs.name)) throw pack.corrupt(`two of its arrays are "${pytorchs.name}" in PyTorch`)
    const entry = axes ? permuted(numbers, axes) : numbers
    entries.set(pytorchs.name, { ...entry, ...pytorchs, originalName: path.join('/') })
  }
  return { entries: [...entries.values()], metadata: { format: 'flax' } }
}

type Numbers = Pick<TensorEntry, 'file' | 'blob' | 'dtype' | 'shape' | 'offset' | 'length'>
type Leaf = Numbers & { readonly path: readonly string[] }
type Tree = ReadonlyMap<string, Value>

/** What Flax puts into an array's place when it is too large for MessagePack. */
const CHUNKED = '__msgpack_chunked_array__'

async function* arraysOf(pack: MessagePack, tree: Tree, path: readonly string[]): AsyncGenerator<Leaf> {
  if (tree.has(CHUNKED)) {
    yield { path, ...(await chunkedArray(pack, tree, path)) }
    return
  }
  for (const [key, value] of tree) {
    const below = [...path, key]
    if (value instanceof Map) yield* arraysOf(pack, value, below)
    else yield { path: below, ...(await arrayOf(pack, value, below)) }
  }
}

const NDARRAY = 1
const SCALAR = 3
/** numpy's names of the types. */
const dtypes: Readonly<Record<string, CheckpointDType>> = {
  bool: 'BOOL',
  uint8: 'U8',
  int8: 'I8',
  float8_e4m3fn: 'F8_E4M3',
  float8_e5m2: 'F8_E5M2',
  uint16: 'U16',
  int16: 'I16',
  float16: 'F16',
  bfloat16: 'BF16',
  uint32: 'U32',
  int32: 'I32',
  float32: 'F32',
  uint64: 'U64',
  int64: 'I64',
  float64: 'F64',
}

const isShape = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0)

/** An array of numpy: its shape, its type and its bytes, packed once more. */
async function arrayOf(
  pack: MessagePack,
  value: Value | undefined,
  path: readonly string[],
): Promise<Numbers> {
  const refused = (what: string) => pack.corrupt(`"${path.join('/')}" ${what}`)
  if (!(value instanceof Extension) || (value.type !== NDARRAY && value.type !== SCALAR))
    throw refused(
      `is ${value instanceof Extension ? `an extension of type ${value.type}` : 'a plain value'}, expected an array of numbers`,
    )
  const packed = await pack.read(value.offset, value.length)
  const [shape, type, bytes] = Array.isArray(packed) ? packed : []
  if (!isShape(shape)) throw refused('has no shape of whole numbers from 0')
  if (typeof type !== 'string' || !Object.hasOwn(dtypes, type))
    throw refused(
      `has numbers of type ${JSON.stringify(type)}, expected one of ${Object.keys(dtypes).join(', ')}`,
    )
  const dtype = dtypes[type]!
  const expected = countOf(shape) * itemSize[dtype]
  if (!(bytes instanceof Bytes) || bytes.length !== expected)
    throw refused(
      `has ${bytes instanceof Bytes ? bytes.length : 'no'} bytes, expected ${expected} for ${type} [${shape.join(', ')}]`,
    )
  const { offset, length } = bytes
  return { file: pack.file, blob: pack.blob, dtype, shape, offset, length }
}

/** The values of "0", "1" and so on, which is how Flax writes a tuple. */
function tupleOf(value: Value | undefined): Value[] | undefined {
  if (!(value instanceof Map)) return undefined
  const values = Array.from({ length: value.size }, (_, i) => value.get(String(i)))
  return values.every((item) => item !== undefined) ? values : undefined
}

/** An array in pieces, end to end in a blob of their places in the file: nothing is read for it. */
async function chunkedArray(pack: MessagePack, tree: Tree, path: readonly string[]): Promise<Numbers> {
  const refused = (what: string) => pack.corrupt(`"${path.join('/')}" is an array in chunks ${what}`)
  const [shape, chunks] = [tupleOf(tree.get('shape')), tupleOf(tree.get('chunks'))]
  if (!isShape(shape) || !chunks) throw refused('without a shape, or without the chunks')
  const parts: Numbers[] = []
  for (const [i, chunk] of chunks.entries())
    parts.push(await arrayOf(pack, chunk, [...path, 'chunks', String(i)]))
  const [first] = parts
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  if (!first || parts.some(({ dtype }) => dtype !== first.dtype))
    throw refused(`of ${parts.length === 0 ? 'no' : 'more than one'} type`)
  const expected = countOf(shape) * itemSize[first.dtype]
  if (length !== expected)
    throw refused(`that have ${length} bytes, expected ${expected} for ${first.dtype} [${shape.join(', ')}]`)
  const blob = new Blob(parts.map(({ offset, length }) => pack.blob.slice(offset, offset + length)))
  // Other bytes than the file's at the same places: whoever mounts files by their names has to tell them apart.
  return { file: `${pack.file}/${path.join('/')}`, blob, dtype: first.dtype, shape, offset: 0, length }
}
