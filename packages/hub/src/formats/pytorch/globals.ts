/**
 * @file The names of Python's that a checkpoint may use, and what they describe: those of `torch.load(weights_only=True)` (torch
 * 2.13) that state dictionaries are made of. None of them is run; a name that is not here is refused.
 */
import type { CheckpointDType } from '../../tensor-entry'
import { Global, isTensor, type NumberType, opaque, Storage, StoredTensor, UnreadableTensor } from './values'

/** The numbers a checkpoint can hold, by PyTorch's names. */
const readable: Readonly<Record<string, readonly [size: number, dtype: CheckpointDType]>> = {
  float64: [8, 'F64'],
  float32: [4, 'F32'],
  float16: [2, 'F16'],
  bfloat16: [2, 'BF16'],
  float8_e4m3fn: [1, 'F8_E4M3'],
  float8_e5m2: [1, 'F8_E5M2'],
  int64: [8, 'I64'],
  int32: [4, 'I32'],
  int16: [2, 'I16'],
  int8: [1, 'I8'],
  uint64: [8, 'U64'],
  uint32: [4, 'U32'],
  uint16: [2, 'U16'],
  uint8: [1, 'U8'],
  bool: [1, 'BOOL'],
}

/** Those it can't: the bytes one takes, since what lies behind it in an older file is found by them. */
const unreadable: Readonly<Record<string, number>> = {
  complex128: 16,
  complex64: 8,
  complex32: 4,
  qint32: 4,
  bits16: 2,
  ...Object.fromEntries(
    [
      ...['qint8', 'quint8', 'quint4x2', 'quint2x4', 'bits8', 'bits1x8', 'bits2x4', 'bits4x2'],
      ...['float8_e4m3fnuz', 'float8_e5m2fnuz', 'float8_e8m0fnu', 'float4_e2m1fn_x2'],
      ...[1, 2, 3, 4, 5, 6, 7].flatMap((bits) => [`int${bits}`, `uint${bits}`]),
    ].map((name) => [name, 1]),
  ),
}

const types: ReadonlyMap<string, NumberType> = new Map(
  [
    ...Object.entries(readable).map(([name, [size, dtype]]): NumberType => ({ name, size, dtype })),
    ...Object.entries(unreadable).map(([name, size]): NumberType => ({ name, size })),
  ].map((type) => [type.name, type]),
)

/** The classes of storages, each of one type of numbers, by the part of their names before `Storage`. */
const storages: Readonly<Record<string, string>> = {
  Double: 'float64',
  Float: 'float32',
  Half: 'float16',
  BFloat16: 'bfloat16',
  Long: 'int64',
  Int: 'int32',
  Short: 'int16',
  Char: 'int8',
  Byte: 'uint8',
  Bool: 'bool',
  ComplexDouble: 'complex128',
  ComplexFloat: 'complex64',
  QInt8: 'qint8',
  QInt32: 'qint32',
  QUInt8: 'quint8',
  QUInt4x2: 'quint4x2',
  QUInt2x4: 'quint2x4',
}

type Call = NonNullable<Global['call']>

const ifTensor = (value: unknown) => (isTensor(value) ? value : undefined)

/** A tensor of these arguments of a rebuild function. */
function rebuilt(
  [storage, offset, shape, strides]: readonly unknown[],
  type: NumberType | undefined,
  metadata: unknown,
) {
  if (!(storage instanceof Storage) || !type) return undefined
  // The imaginary part of a conjugate is a view that negates as it is read.
  if (metadata instanceof Map && metadata.get('neg') === true)
    return new UnreadableTensor('a view that negates its numbers')
  return new StoredTensor(storage, type, offset, shape, strides)
}

const typeOfStorage = ([storage]: readonly unknown[]) =>
  storage instanceof Storage ? storage.type : undefined
const typeOf = (dtype: unknown) => (dtype instanceof Global ? dtype.type : undefined)

const rebuilds: Readonly<Record<string, Call>> = {
  _rebuild_tensor: (given) => rebuilt(given, typeOfStorage(given), undefined),
  _rebuild_tensor_v2: (given) => rebuilt(given, typeOfStorage(given), given[6]),
  _rebuild_tensor_v3: (given) => rebuilt(given, typeOf(given[6]), given[7]),
  _rebuild_parameter: ([data]) => ifTensor(data),
  _rebuild_parameter_with_state: ([data]) => ifTensor(data),
  _rebuild_device_tensor_from_cpu_tensor: ([data, dtype]) =>
    data instanceof StoredTensor && data.type === typeOf(dtype) ? data : undefined,
  _rebuild_qtensor: () => new UnreadableTensor('a quantized tensor'),
  _rebuild_sparse_tensor: () => new UnreadableTensor('a sparse tensor'),
  _rebuild_nested_tensor: () => new UnreadableTensor('a nested tensor'),
  _rebuild_meta_tensor_no_storage: () => new UnreadableTensor('a tensor without numbers (device "meta")'),
  _rebuild_wrapper_subclass: () => new UnreadableTensor('a tensor of a subclass that wraps others'),
}

/** Python 2 wrote an ordered dictionary as a list of pairs; Python 3 adds them later. */
const orderedDict: Call = ([pairs = []]) =>
  Array.isArray(pairs) && pairs.every((pair) => Array.isArray(pair) && pair.length === 2)
    ? new Map(pairs as [unknown, unknown][])
    : undefined

/** A tensor with attributes of its own, which no model reads; of a subclass it would be more than its numbers. */
const fromType: Call = ([rebuild, type, parameters]) =>
  rebuild instanceof Global &&
  rebuild.path.startsWith('torch._utils.') &&
  type instanceof Global &&
  PLAIN.includes(type.path) &&
  Array.isArray(parameters)
    ? rebuild.call?.(parameters)
    : undefined

const PARAMETER = 'torch.nn.parameter.Parameter'
const PLAIN = ['torch.Tensor', PARAMETER]

const anything: Call = () => opaque

const known: ReadonlyMap<string, Global> = new Map(
  [
    new Global('collections.OrderedDict', orderedDict),
    ...Object.entries(rebuilds).map(([name, call]) => new Global(`torch._utils.${name}`, call)),
    new Global('torch._tensor._rebuild_from_type_v2', fromType),
    new Global(PARAMETER, ([data]) => ifTensor(data)),
    new Global('torch.Tensor'),
    new Global('torch.Size', ([sizes]) => sizes),
    ...[...types.values()].map((type) => new Global(`torch.${type.name}`, undefined, type)),
    ...['torch', 'torch.cuda'].flatMap((module) =>
      Object.entries(storages).map(
        ([name, type]) => new Global(`${module}.${name}Storage`, undefined, types.get(type)),
      ),
    ),
    new Global('torch.storage.UntypedStorage', undefined, types.get('uint8')),
    ...[
      'collections.Counter',
      'torch.device',
      'torch.serialization._get_layout',
      '_codecs.encode',
      'builtins.bytearray',
      'builtins.set',
      'builtins.complex',
    ].map((path) => new Global(path, anything)),
    ...['tensor_affine', 'tensor_symmetric', 'channel_affine', 'channel_symmetric'].map(
      (scheme) => new Global(`torch.per_${scheme}`),
    ),
    new Global('torch.per_channel_affine_float_qparams'),
  ].map((global) => [global.path, global]),
)

/** What a name stands for; `undefined` where no tensor needs it. */
export const findGlobal = (module: string, name: string): Global | undefined =>
  known.get(`${module === '__builtin__' ? 'builtins' : module}.${name}`) // as Python 2 called it, and protocol 2 still does

export const isStorageClass = (value: unknown): value is Global & { type: NumberType } =>
  value instanceof Global && value.path.endsWith('Storage') && value.type !== undefined
