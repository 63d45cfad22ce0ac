/** @file The bytes of a small WebAssembly module: what a kernel over sixteen bytes at a time is made of. */

/** Instructions that leave one value on the stack, or none. */
type Code = readonly number[]

/** Numbers as WebAssembly writes them, seven bits a byte. */
function leb(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)]
}
const vector = (items: readonly Code[]) => [...leb(items.length), ...items.flat()]
const text = (name: string) => vector([...new TextEncoder().encode(name)].map((byte) => [byte]))
const section = (id: number, ...body: number[]) => [id, ...leb(body.length), ...body]

const I32 = 0x7f
const F32 = 0x7d
const V128 = 0x7b

const simd = (operation: number) => [0xfd, ...leb(operation)]
const binary =
  (operation: number) =>
  (a: Code, b: Code): Code => [...a, ...b, ...simd(operation)]
const plain = { align: 2, offset: 0 }

export const get = (local: number): Code => [0x20, local]
export const set = (local: number, value: Code): Code => [...value, 0x21, local]
export const add = binary(0xe4)
export const sub = binary(0xe5)
export const mul = binary(0xe6)
export const div = binary(0xe7)
export const sqrt = (a: Code): Code => [...a, ...simd(0xe3)]

/** Of whole numbers, without signs; what does not fit into 32 bits is cut off. */
export const addInts = binary(0xae)
export const mulInts = binary(0xb5)
/** All bits where a number is at least the other one, none where it is not. */
export const atLeast = binary(0x40)
export const and = binary(0x4e)
export const xor = binary(0x51)
/** By fewer bits than 32. */
export const shiftRight = (a: Code, bits: number): Code => [...a, 0x41, bits, ...simd(0xad)]
/** Four whole numbers. */
export const ints = (...values: readonly [number, number, number, number]): Code => [
  ...simd(0x0c),
  ...new Uint8Array(Int32Array.from(values, (value) => value | 0).buffer),
]
/** Four times four whole numbers as sixteen bytes. */
export const bytesOf = (a: Code, b: Code, c: Code, d: Code): Code => {
  const [halves, narrower] = [binary(0x85), binary(0x65)]
  return narrower(halves(a, b), halves(c, d))
}

/** The four numbers at an address. */
export const load = (address: number): Code => [...get(address), ...simd(0x00), plain.align, plain.offset]
export const store = (address: number, value: Code): Code => [
  ...get(address),
  ...value,
  ...simd(0x0b),
  plain.align,
  plain.offset,
]
/** A local of one number, four times. */
const splat = (local: number, type: number): Code => [...get(local), ...simd(type === F32 ? 0x13 : 0x11)]
const advance = (address: number): Code => [...get(address), 0x41, 16, 0x6a, 0x21, address]

/** A loop over vectors that lie in the module's memory. */
export interface Kernel {
  /** How many vectors it goes along: their addresses are its first parameters, the end of the first one the next. */
  readonly vectors: number
  /** How many numbers follow, and of what type. */
  readonly scalars: number
  readonly of: 'f32' | 'i32'
  /** How many locals it needs for itself. */
  readonly locals: number
  /** What it does with sixteen bytes of each vector: `vector(i)` is a local that holds an address, `scalar(i)` one that holds a
   * number four times, `local(i)` one for itself. */
  body(places: Record<'vector' | 'scalar' | 'local', (i: number) => number>): Code
}

/** A module that imports `env.memory` and exports the kernel as `kernel`. */
export function kernelModule({ vectors, scalars, of, locals, body }: Kernel): Uint8Array<ArrayBuffer> {
  const type = of === 'f32' ? F32 : I32
  const end = vectors
  const firstScalar = vectors + 1
  const firstSplat = firstScalar + scalars
  const each = Array.from({ length: vectors }, (_, i) => i)
  const code = [
    ...vector([[...leb(scalars + locals), V128]]),
    ...Array.from({ length: scalars }, (_, i) => set(firstSplat + i, splat(firstScalar + i, type))).flat(),
    ...[0x03, 0x40], // loop
    ...body({
      vector: (i) => i,
      scalar: (i) => firstSplat + i,
      local: (i) => firstSplat + scalars + i,
    }),
    ...each.flatMap(advance),
    ...[...get(0), ...get(end), 0x49, 0x0d, 0], // again while the first address is below the end
    ...[0x0b, 0x0b],
  ]
  const parameters = [...each, end].map(() => [I32]).concat(Array.from({ length: scalars }, () => [type]))
  return Uint8Array.of(
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, ...vector([[0x60, ...vector(parameters), 0]])),
    ...section(2, ...vector([[...text('env'), ...text('memory'), 0x02, 0x00, 0x01]])),
    ...section(3, ...vector([[0]])),
    ...section(7, ...vector([[...text('kernel'), 0x00, 0x00]])),
    ...section(10, ...vector([[...leb(code.length), ...code]])),
  )
}
