/** @file Damaged files by the thousand, each the same at every run: what reads them must give tensors or a typed error. */
import { openCheckpoint } from '../checkpoint'
import { WebformersError } from '../errors'

/** How many damaged files a container is tried with; `FUZZ=20000 npx vitest run --project node fuzz` tries more. */
export const FUZZ_COUNT = Number(process.env.FUZZ ?? 1500)
const MOST_SECONDS = 1 // of the processor, for one file
const MOST_BYTES = 256 * 2 ** 20

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Numbers that headers are most often wrong about. */
const EXTREMES = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff]

/** A copy with one to four damages, most of them within the bytes that tell the structure (`from` to `to`). */
export function damage(
  seeds: readonly Uint8Array[],
  random: () => number,
  structure: (bytes: Uint8Array) => readonly (readonly [from: number, to: number])[] = ({ length }) => [
    [0, length],
  ],
): Uint8Array<ArrayBuffer> {
  const below = (limit: number) => Math.floor(random() * limit)
  const pick = <T>(values: readonly T[]): T => values[below(values.length)]!
  let bytes = Uint8Array.from(pick(seeds))
  const places = structure(bytes)
  const place = () => {
    const [from, to] = random() < 0.9 ? pick(places) : [0, bytes.length]
    return Math.min(bytes.length - 1, from + below(Math.max(1, to - from)))
  }
  const splice = (at: number, removed: number, added: Uint8Array) => {
    const whole = new Uint8Array(Math.max(0, bytes.length - removed) + added.length)
    whole.set(bytes.subarray(0, at))
    whole.set(added, at)
    whole.set(bytes.subarray(at + removed), at + added.length)
    bytes = whole
  }
  const damages: (() => void)[] = [
    () => {
      bytes[place()]! ^= 1 << below(8)
    },
    () => {
      bytes[place()] = below(256)
    },
    () => {
      const [at, size] = [place(), pick([1, 2, 4, 8])]
      const value = BigInt(pick(EXTREMES)) * (random() < 0.2 ? 2n ** 32n : 1n)
      for (let i = 0; i < size && at + i < bytes.length; i++)
        bytes[at + i] = Number((value >> BigInt(8 * i)) & 255n)
    },
    () => {
      bytes = bytes.slice(0, place())
    },
    () => {
      const [at, length] = [place(), 1 + below(16)]
      splice(at, Math.min(length, bytes.length - at), new Uint8Array(0))
    },
    () => {
      const [at, from, length] = [place(), place(), 1 + below(32)]
      splice(at, 0, bytes.slice(from, from + length))
    },
    () => {
      const [at, other] = [place(), pick(seeds)]
      bytes.set(other.subarray(at, Math.min(at + 1 + below(64), bytes.length, other.length)), at)
    },
  ]
  for (let i = 1 + below(4); i > 0 && bytes.length > 0; i--) pick(damages)()
  return bytes
}

/**
 * Open `count` damaged copies of a file of a container and read all their tensors.
 * @returns how many gave tensors, and how many which error
 * @throws {Error} naming the copy that gave another error, took too long or too much memory
 */
export async function fuzzCheckpoint(
  file: string,
  seeds: readonly Uint8Array[],
  {
    count = FUZZ_COUNT,
    seed = 1,
    structure,
  }: { count?: number; seed?: number; structure?: Parameters<typeof damage>[2] } = {},
): Promise<Record<string, number>> {
  const outcomes: Record<string, number> = {}
  for (let i = 0; i < count; i++) {
    const bytes = damage(seeds, randomOf(seed * 1_000_003 + i), structure)
    const before = process.memoryUsage().rss
    const cpu = process.cpuUsage()
    const outcome = await outcomeOf(file, bytes)
    const { user } = process.cpuUsage(cpu)
    const grown = process.memoryUsage().rss - before
    if (outcome instanceof Error)
      throw new Error(`copy ${i} of ${file} (seed ${seed}): ${outcome.stack}`, { cause: outcome })
    if (user > MOST_SECONDS * 1e6) throw new Error(`copy ${i} of ${file} (seed ${seed}) took ${user / 1e6} s`)
    if (grown > MOST_BYTES) throw new Error(`copy ${i} of ${file} (seed ${seed}) took ${grown} bytes`)
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
  }
  return outcomes
}

/** `'loads'`, the name of a typed error, or the error that is none. */
async function outcomeOf(file: string, bytes: Uint8Array<ArrayBuffer>): Promise<string | Error> {
  try {
    const checkpoint = await openCheckpoint({ [file]: new Blob([bytes]) })
    for (const name of checkpoint.entries.keys()) await checkpoint.bytes(name)
    return 'loads'
  } catch (error) {
    return error instanceof WebformersError ? error.name : (error as Error)
  }
}
