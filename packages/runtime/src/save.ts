/** @file The weights of a model on their way out: as the checkpoint has them, or in another type, one tensor at a time. */
import { toFloat16 } from '@webformers/graph'
import { type Checkpoint, decodeEntry, type SavedTensor, type TensorEntry } from '@webformers/hub'
import { toFloat32 } from './convert'
import { resolveParameters, type WeightPolicy } from './resolve'

/** What floating point is saved in; whole numbers stay what they are. */
export type SaveDType = 'fp32' | 'fp16' | 'bf16'

const names = { fp32: 'F32', fp16: 'F16', bf16: 'BF16' } as const

/**
 * All weights of a model under their own names, in the order of Python's `state_dict()`; those that stay as they lie in the
 * checkpoint are parts of its Blobs and are not read. What the model does without, since the checkpoint lacks it, is left out.
 * @param dtype by default each tensor keeps its own
 */
export async function savedTensors(
  checkpoint: Pick<Checkpoint, 'entries'>,
  policy: WeightPolicy,
  dtype: SaveDType | undefined,
  signal: AbortSignal,
): Promise<SavedTensor[]> {
  const { entries, info } = resolveParameters(checkpoint.entries, policy, new Set())
  const absent = new Set(policy.missing === 'refuse' ? info.missing_keys : [])
  const buffers = new Set(policy.parameters.flatMap(({ sources, buffer }) => (buffer ? sources[0]! : [])))
  const saved: SavedTensor[] = []
  for (const name of stateDictOrder([...entries.keys()].filter((name) => !absent.has(name)))) {
    signal.throwIfAborted()
    const { shape, ...rest } = await converted(entries.get(name)!, dtype)
    saved.push({ name, shape: [...shape], ...rest, ...(buffers.has(name) && { buffer: true }) })
  }
  return saved
}

async function converted(
  entry: TensorEntry,
  dtype: SaveDType | undefined,
): Promise<Pick<SavedTensor, 'dtype' | 'shape' | 'bytes'>> {
  const { shape, blob, offset, length } = entry
  const wanted = dtype && FLOATS.has(entry.dtype) ? names[dtype] : entry.dtype
  const part = blob.slice(offset, offset + length)
  if (wanted === entry.dtype && !entry.decode) return { dtype: wanted, shape, bytes: part }
  const bytes = decodeEntry(entry, new Uint8Array(await part.arrayBuffer()))
  return {
    dtype: wanted,
    shape,
    bytes: new Blob([wanted === entry.dtype ? bytes : cast(bytes, entry, wanted)]),
  }
}

const FLOATS: ReadonlySet<string> = new Set(['F64', 'F32', 'F16', 'BF16'])

function cast(
  bytes: Uint8Array<ArrayBuffer>,
  { dtype }: TensorEntry,
  wanted: string,
): ArrayBufferView<ArrayBuffer> {
  const values = toFloat32(bytes, dtype)!
  if (wanted === 'F16') return halves(values)
  return wanted === 'BF16' ? toBFloat16(values) : values
}

/** What rounds to more than half precision can hold is infinite, as PyTorch has it. */
function halves(values: Float32Array): Uint16Array<ArrayBuffer> {
  const rounded = toFloat16(values)
  for (let i = 0; i < values.length; i++) {
    if (Math.abs(values[i]!) >= 65520) rounded[i] = values[i]! < 0 ? 0xfc00 : 0x7c00
  }
  return rounded
}

/** The upper halves of single-precision numbers, rounded to the nearest, ties to even. */
export function toBFloat16(values: Float32Array<ArrayBuffer>): Uint16Array<ArrayBuffer> {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length)
  const rounded = new Uint16Array(bits.length)
  for (let i = 0; i < bits.length; i++) {
    const x = bits[i]!
    const notANumber = (x & 0x7fffffff) > 0x7f800000
    rounded[i] = notANumber ? 0x7fc0 : (x + 0x7fff + ((x >>> 16) & 1)) >>> 16
  }
  return rounded
}

/**
 * Names as `state_dict()` orders them: of each module its own parameters first, then those of its children.
 * @example stateDictOrder(['head.dense.weight', 'head.bias']) // ['head.bias', 'head.dense.weight']
 */
export function stateDictOrder(names: readonly string[]): string[] {
  const own: string[] = []
  const children = new Map<string, string[]>()
  for (const name of names) {
    const dot = name.indexOf('.')
    if (dot < 0) own.push(name)
    else {
      const child = name.slice(0, dot)
      children.set(child, [...(children.get(child) ?? []), name.slice(dot + 1)])
    }
  }
  const below = [...children].flatMap(([child, rest]) =>
    stateDictOrder(rest).map((name) => `${child}.${name}`),
  )
  return [...own, ...below]
}
