/** @file What an exported graph is fed: what was given, in the types it wants, and Python's defaults for what was not. */
import { toFloat16 } from '@webformers/graph'
import { toFloat32 } from '../convert'
import { InputError } from '../errors'
import { arrayOf, holds, type PlainTensor, type PlainTensors, sizeOf, type TensorDType } from '../tensor'
import type { ValueType, ValueTypes } from './model-file'

/** The inputs that carry what earlier tokens left behind: `past_key_values.0.key`, `past_conv.0`, … */
export const isCache = (name: string) => name.startsWith('past_')

/** How much there is to compute, as the inputs that were given tell. */
interface Extent {
  readonly batch: number
  readonly sequence: number
  /** Tokens in the cache. */
  readonly past: number
}

/** The inputs that tell how much there is, the best first. */
const LEADING = ['input_ids', 'inputs_embeds', 'pixel_values', 'input_features', 'input_values']

/**
 * The tensors to feed to a graph with these inputs. Those of `given` that it has no place for are left out.
 * @throws {InputError} when one is missing that has no default, or is of the wrong type or shape
 */
export function feedsFor(types: ValueTypes, given: PlainTensors): PlainTensors {
  const [leading] = [...LEADING, ...Object.keys(given)].filter((name) => given[name])
  const shape = leading === undefined ? [] : given[leading]!.shape
  const past = pastLength(types, given)
  const extent = { batch: shape[0] ?? 1, sequence: shape[1] ?? 1, past: past ?? 0 }
  const feeds: PlainTensors = {}
  const missing: string[] = []
  for (const [name, type] of Object.entries(types)) {
    const standard = isCache(name) && past !== undefined ? undefined : defaultOf(name, type, given, extent)
    const tensor = given[name] ?? standard
    if (tensor) feeds[name] = convert(name, tensor, type)
    else missing.push(`${name} ${describe(type)}`)
  }
  if (missing.length > 0) {
    const came = Object.keys(given).filter((name) => !isCache(name))
    throw new InputError(
      `This exported graph wants ${missing.join(', ')}, which was not given and has no default. ` +
        `Got ${came.join(', ') || 'nothing'}.`,
    )
  }
  checkNamedSizes(types, feeds)
  return feeds
}

const describe = ({ dtype, shape }: ValueType) =>
  `(${dtype ?? 'of an unknown type'}, [${shape?.join(', ') ?? '…'}])`

/** The first dimension of a cache that is counted at run time, the batch aside. */
const lengthAxis = ({ shape = [] }: ValueType) =>
  shape.findIndex((dim, axis) => axis > 0 && typeof dim === 'string')

/** How many tokens the cache holds; `undefined` where none was given. Keys of the encoder's states count no tokens. */
function pastLength(types: ValueTypes, given: PlainTensors): number | undefined {
  const caches = Object.keys(given).filter(isCache)
  if (caches.length === 0) return undefined
  const counting = caches.find(
    (name) => types[name] && lengthAxis(types[name]) > 0 && !name.includes('.encoder.'),
  )
  return counting === undefined ? 0 : given[counting]!.shape[lengthAxis(types[counting]!)]
}

/** What Python's `forward` takes where nothing is said. */
function defaultOf(
  name: string,
  { dtype = 'int64', shape = [] }: ValueType,
  given: PlainTensors,
  { batch, sequence, past }: Extent,
): PlainTensor | undefined {
  const dims = (...sizes: number[]) =>
    ({ dtype: 'int32', shape: sizes, data: new Int32Array(sizeOf(sizes)) }) as const
  const ones = (...sizes: number[]) => ({ ...dims(...sizes), data: new Int32Array(sizeOf(sizes)).fill(1) })
  if (isCache(name)) {
    // No token yet: of every size that is counted at run time, none.
    const empty = shape.map((dim, axis) => (typeof dim === 'number' ? dim : axis === 0 ? batch : 0))
    return { dtype, shape: empty, data: arrayOf(dtype, sizeOf(empty)) }
  }
  const { encoder_hidden_states, input_ids } = given
  switch (name) {
    case 'attention_mask':
      return given.input_ids || given.inputs_embeds ? ones(batch, past + sequence) : undefined
    case 'encoder_attention_mask':
      return encoder_hidden_states && ones(...encoder_hidden_states.shape.slice(0, 2))
    case 'token_type_ids':
      return input_ids && dims(...input_ids.shape)
    case 'position_ids': {
      const positions = dims(batch, sequence)
      return { ...positions, data: positions.data.map((_, i) => past + (i % sequence)) }
    }
    case 'use_cache_branch':
      return { dtype: 'bool', shape: shape.map(() => 1), data: Uint8Array.of(past > 0 ? 1 : 0) }
    case 'num_logits_to_keep':
      return dims(...shape.map(() => 1)) // none means all
    default:
      return undefined
  }
}

/** The same tensor in the type a graph wants, and of a shape it can take. */
function convert(name: string, tensor: PlainTensor, type: ValueType): PlainTensor {
  const { shape, data } = tensor
  if (!holds(tensor.dtype, data) || data.length !== sizeOf(shape)) {
    throw new InputError(
      `Input ${name} says it is ${tensor.dtype} of shape [${shape.join(', ')}], but its data is ` +
        `${data?.length ?? 'no'} values in ${data?.constructor?.name ?? typeof data}. Make it with tensor().`,
    )
  }
  const fits = (dim: number | string, axis: number) => typeof dim === 'string' || dim === shape[axis]
  if (type.shape && (shape.length !== type.shape.length || !type.shape.every(fits))) {
    throw new InputError(
      `Input ${name} must be of shape [${type.shape.map((dim) => dim || '?').join(', ')}], got [${shape.join(', ')}].`,
    )
  }
  const made = type.dtype && inType(tensor, type.dtype)
  if (made) return made
  throw new InputError(
    `Input ${name} must be ${type.dtype ?? 'of a type that has no tensor here'}, got ${tensor.dtype}.`,
  )
}

const whole: readonly TensorDType[] = ['int64', 'int32', 'int8', 'uint8', 'bool']

/** Whole numbers become any other, floating point any other floating point. */
function inType(tensor: PlainTensor, dtype: TensorDType): PlainTensor | undefined {
  const { shape, data } = tensor
  if (tensor.dtype === dtype) return tensor
  if (tensor.dtype === 'float32' && dtype === 'float16')
    return { dtype, shape, data: toFloat16(data as Float32Array) }
  if (tensor.dtype === 'float16' && dtype === 'float32') return inFloat32(tensor)
  if (!whole.includes(tensor.dtype) || !whole.includes(dtype)) return undefined
  const made = arrayOf(dtype, data.length)
  if (made instanceof BigInt64Array) for (let i = 0; i < made.length; i++) made[i] = BigInt(data[i]!)
  else
    for (let i = 0; i < made.length; i++)
      made[i] = dtype === 'bool' ? Number(Boolean(data[i])) : Number(data[i])
  return { dtype, shape, data: made }
}

/** Half precision in single; any other tensor as it is. */
export function inFloat32(tensor: PlainTensor): PlainTensor {
  if (tensor.dtype !== 'float16') return tensor
  const { buffer, byteOffset, byteLength } = tensor.data as Uint16Array<ArrayBuffer>
  const data = toFloat32(new Uint8Array(buffer, byteOffset, byteLength), 'F16')!
  return { dtype: 'float32', shape: tensor.shape, data }
}

/** Dimensions of one name are of one size. Caches are left out: exporters name theirs freely. */
function checkNamedSizes(types: ValueTypes, feeds: PlainTensors) {
  const first = new Map<string, { name: string; size: number }>()
  for (const [name, { shape }] of Object.entries(feeds)) {
    if (isCache(name)) continue
    for (const [axis, dim] of (types[name]!.shape ?? []).entries()) {
      if (typeof dim !== 'string' || dim === '') continue
      const [size, known] = [shape[axis]!, first.get(dim)]
      if (!known) first.set(dim, { name, size })
      else if (known.size !== size) {
        throw new InputError(
          `Input ${name} must be of shape [${types[name]!.shape!.join(', ')}], got [${shape.join(', ')}]: ` +
            `dimension ${axis} is ${size}, but ${dim} is ${known.size} in ${known.name}.`,
        )
      }
    }
  }
}
