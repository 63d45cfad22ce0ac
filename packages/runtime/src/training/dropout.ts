/** @file What dropouts keep: drawn sixteen entries at a time, in JavaScript it takes ten times as long. */
import type { DrawDropout } from '../inputs'
import { hash, SPLITMIX } from '../random'
import {
  addInts,
  and,
  atLeast,
  bytesOf,
  get,
  ints,
  type Kernel,
  kernelModule,
  mulInts,
  set,
  shiftRight,
  store,
  xor,
} from './wasm-module'

/** How many entries are drawn at a time: they stay in the processor's cache. */
export const CHUNK = 65536
const PER_ROUND = 16

const same = (value: number) => ints(value, value, value, value)
const steps = (count: number) => Math.imul(SPLITMIX.step, count)

const kernel: Kernel = {
  vectors: 1,
  scalars: 2,
  of: 'i32',
  locals: 1,
  body({ vector, scalar, local }) {
    const [state, least, mixed] = [scalar(0), scalar(1), local(0)]
    const shifted = (bits: number) => xor(get(mixed), shiftRight(get(mixed), bits))
    // Whether the four numbers after the first so many are kept; as `randomOf` draws them.
    const four = (after: number) => [
      ...set(
        mixed,
        addInts(get(state), ints(steps(after + 1), steps(after + 2), steps(after + 3), steps(after + 4))),
      ),
      ...set(mixed, mulInts(shifted(16), same(SPLITMIX.first))),
      ...set(mixed, mulInts(shifted(15), same(SPLITMIX.second))),
      ...atLeast(shifted(15), get(least)),
    ]
    return [
      ...store(vector(0), and(bytesOf(four(0), four(4), four(8), four(12)), same(0x01010101))),
      ...set(state, addInts(get(state), same(steps(PER_ROUND)))),
    ]
  },
}

/** Its parameters: the address to write to and where to end, the state of the generator, and the least number that is kept. */
type Draw = (to: number, end: number, state: number, least: number) => void

interface Drawing {
  readonly drawn: Uint8Array<ArrayBuffer>
  readonly draw: Draw
}
let drawing: Drawing | undefined

/** Compiled when it is first needed. */
function started(): Drawing {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 })
  const instance = new WebAssembly.Instance(new WebAssembly.Module(kernelModule(kernel)), { env: { memory } })
  return { drawn: new Uint8Array(memory.buffer as ArrayBuffer), draw: instance.exports.kernel as Draw }
}

/** Draws for dropouts: each site drops others, and each seed. */
export const drawDropout =
  (seed: number): DrawDropout =>
  (length, { probability, site }) => {
    drawing ??= started()
    const { draw, drawn } = drawing
    const first = hash(`${seed} ${site}`)
    // A number of 32 bits over 2³² is less than the probability where the number is less than this.
    const least = Math.min(Math.ceil(probability * 2 ** 32), 2 ** 32 - 1)
    const kept = new Uint8Array(length)
    for (let at = 0; at < length; at += CHUNK) {
      const size = Math.min(CHUNK, length - at)
      draw(0, Math.ceil(size / PER_ROUND) * PER_ROUND, first + steps(at), least)
      kept.set(drawn.subarray(0, size), at)
    }
    return kept
  }
