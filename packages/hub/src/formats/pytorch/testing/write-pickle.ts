/** @file For tests: pickles instruction by instruction, as nobody would write them. */
import { type WrittenEntry, writeZip } from './write-zip'

/** Instructions of a pickle. */
export type Code = readonly number[]

const bytesOf = (text: string) => [...new TextEncoder().encode(text)]
const u32 = (value: number) => [0, 8, 16, 24].map((bits) => (value >>> bits) & 255)

/** The letters of instructions. */
export const code = (letters: string): Code => bytesOf(letters)
export const text = (value: string): Code => [...code('X'), ...u32(bytesOf(value).length), ...bytesOf(value)]
export const global = (module: string, name: string): Code => code(`c${module}\n${name}\n`)
export const tuple = (...items: readonly Code[]): Code => [...code('('), ...items.flat(), ...code('t')]
export const call = (callee: Code, ...parameters: readonly Code[]): Code => [
  ...callee,
  ...tuple(...parameters),
  ...code('R'),
]
export const dictionary = (entries: Readonly<Record<string, Code>>): Code => [
  ...code('}('),
  ...Object.entries(entries).flatMap(([key, value]) => [...text(key), ...value]),
  ...code('u'),
]

/** A whole number of up to sixteen bytes. */
export function int(value: number | bigint): Code {
  const bits = BigInt.asUintN(128, BigInt(value))
  return [0x8a, 16, ...Array.from({ length: 16 }, (_, i) => Number((bits >> BigInt(8 * i)) & 255n))]
}

export interface TensorCode {
  type?: string
  key?: string
  count?: number | bigint
  offset?: number | bigint
  shape?: readonly (number | bigint)[]
  strides?: readonly (number | bigint)[]
}

/** A tensor as `torch.save` pickles it: four floats in a row, unless told otherwise. */
export const tensor = ({
  type = 'FloatStorage',
  key = '0',
  count = 4,
  offset = 0,
  shape = [4],
  strides = [1],
}: TensorCode = {}): Code =>
  call(
    global('torch._utils', '_rebuild_tensor_v2'),
    [...tuple(text('storage'), global('torch', type), text(key), text('cpu'), int(count)), ...code('Q')],
    int(offset),
    tuple(...shape.map(int)),
    tuple(...strides.map(int)),
    [0x89],
    call(global('collections', 'OrderedDict')),
  )

export const pickle = (value: Code): Uint8Array<ArrayBuffer> =>
  new Uint8Array([0x80, 2, ...value, ...code('.')])

/** Storages of four floats, 1 to 4, unless others are given. */
export const floats = new Uint8Array(new Float32Array([1, 2, 3, 4]).buffer)

/** The entries of an archive of a value and storages by their keys. */
export const entriesOf = (
  value: Code,
  storages: Readonly<Record<string, WrittenEntry['data']>> = { 0: floats },
): WrittenEntry[] => [
  { name: 'archive/data.pkl', data: pickle(value) },
  ...Object.entries(storages).map(([key, data]) => ({ name: `archive/data/${key}`, data })),
]

export const archiveOf = (value: Code, storages?: Readonly<Record<string, WrittenEntry['data']>>): Blob =>
  writeZip(entriesOf(value, storages))

/** The older container of a value and its one storage, which has the key "0". */
export function legacyOf(value: Code, data: Uint8Array<ArrayBuffer> = floats, count = data.length / 4): Blob {
  const magic = [
    0x80,
    2,
    0x8a,
    10,
    ...[0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19],
    ...code('.'),
  ]
  const version = pickle(int(1001))
  const keys = pickle([...code(']('), ...text('0'), ...code('e')])
  const counts = new Uint8Array(new BigInt64Array([BigInt(count)]).buffer)
  return new Blob([new Uint8Array(magic), version, pickle(code('}')), pickle(value), keys, counts, data])
}
