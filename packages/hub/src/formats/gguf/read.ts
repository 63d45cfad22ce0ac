/** @file The GGUF container: tensors of a Llama and its like, often quantized, with PyTorch's names and layout. */
import { CorruptCheckpointError, TruncatedFileError, UnsupportedCheckpointError } from '../../errors'
import { countOf, type TensorEntry, type TensorFile } from '../../tensor-entry'
import { ggufConfig } from './config'
import { familyOf, pytorchName } from './families'
import { layoutOf } from './layout'
import { type GgufMetadata, type GgufTensor, readGgufMetadata } from './metadata'
import { type GgufType, knownTypes, typeName, typeOf } from './types'

/**
 * Read where the tensors of a GGUF file lie. Quantized ones become F32 when they are read; those that the architecture has
 * no use for, such as precomputed frequencies, are left out, as in Python.
 * @throws {TruncatedFileError} @throws {CorruptCheckpointError}
 * @throws {UnsupportedCheckpointError} when the architecture, or the type of a tensor, is not read here.
 */
export async function readGguf(file: string, blob: Blob): Promise<TensorFile> {
  const metadata = await readGgufMetadata(file, blob)
  const { family } = familyOf(metadata)
  const heads = await headsOf(metadata)
  const places = metadata.tensors.map((tensor) => placeOf(tensor, metadata, blob.size))
  refuseOverlaps(places, file)
  const entries = places.flatMap(({ tensor, type, offset, length }): TensorEntry[] => {
    const name = pytorchName(family, tensor.name)
    if (name === undefined) return []
    const change = family.change(tensor.name)
    const own = tensor.name.includes('.attn_k.') ? heads.keys : heads.queries
    const layout = layoutOf(file, tensor, type, change, own)
    return [{ name, ...layout, blob, file, offset, length, originalName: tensor.name }]
  })
  return { entries, metadata: {} }
}

/** @throws {CorruptCheckpointError} when there are none, or other numbers of them in other layers. */
async function headsOf(metadata: GgufMetadata): Promise<{ queries: number; keys: number }> {
  const config = await ggufConfig(metadata)
  const queries = config.num_attention_heads ?? config.n_head
  const keys = config.num_key_value_heads ?? queries
  if (isCount(queries) && isCount(keys)) return { queries, keys }
  throw new CorruptCheckpointError(
    `"${metadata.file}" is no valid GGUF file: it has ${JSON.stringify(queries)} attention heads and ${JSON.stringify(keys)} for keys, expected a number of each. Download it again.`,
  )
}

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0

interface Place {
  readonly tensor: GgufTensor
  readonly type: GgufType
  readonly offset: number
  readonly length: number
}

/** @throws {TruncatedFileError} @throws {CorruptCheckpointError} @throws {UnsupportedCheckpointError} */
function placeOf(tensor: GgufTensor, { file, end }: GgufMetadata, size: number): Place {
  const { name, sizes } = tensor
  const type = typeOf(tensor.type)
  if (!type)
    throw new UnsupportedCheckpointError(
      `Tensor "${name}" of "${file}" is of type ${typeName(tensor.type)}, which is not read here. Known: ${knownTypes.join(', ')}. Choose a file quantized to one of them.`,
    )
  const count = countOf(sizes)
  const [row = 1] = sizes
  if (row % type.weights !== 0 || !Number.isSafeInteger(count))
    throw new CorruptCheckpointError(
      `"${file}" is no valid GGUF file: tensor "${name}" has sizes [${sizes.join(', ')}], which ${typeName(tensor.type)} in blocks of ${type.weights} can't have. Download it again.`,
    )
  const offset = end + tensor.offset
  const length = (count / type.weights) * type.bytes
  if (offset + length > size)
    throw new TruncatedFileError(
      `"${file}" has ${size} bytes, but tensor "${name}" ends at byte ${offset + length}. Download it again.`,
    )
  return { tensor, type, offset, length }
}

function refuseOverlaps(places: readonly Place[], file: string): void {
  let before: Place | undefined
  for (const place of places.filter(({ length }) => length > 0).sort((a, b) => a.offset - b.offset)) {
    if (before && place.offset < before.offset + before.length)
      throw new CorruptCheckpointError(
        `"${file}" is no valid GGUF file: tensor "${place.tensor.name}" begins at byte ${place.offset}, within "${before.tensor.name}". Download it again.`,
      )
    before = place
  }
}
