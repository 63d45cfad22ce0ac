/** @file A model of a few lines, the same as reference/toy_model.py: what it says depends on the last three tokens. */
import type { PlainTensors } from '../tensor'
import { generate } from './generate'
import type { Hooks } from './hooks'
import type { Decoder } from './model'
import { extended } from './sequences'
import type { GenerationSettings } from './settings'
import { settingsOf } from './testing-settings'

const [VOCABULARY, WIDTH, LAYERS, CONTEXTS] = [48, 12, 6, 97]
export const [PAD, EOS] = [0, 1]

/** From -0.5 to below 0.5. */
function hashed(i: number): number {
  let x = Math.imul(i, 2654435761)
  x ^= x >>> 15
  x = Math.imul(x, 2246822519)
  x ^= x >>> 13
  return (x >>> 0) / 2 ** 32 - 0.5
}

const table = (offset: number, rows: number, scale = 1) =>
  Array.from({ length: rows }, (_, row) =>
    Float32Array.from({ length: WIDTH }, (_, column) => scale * hashed(offset + row * WIDTH + column)),
  )

/** The output that holds the last hidden states. */
export const HIDDEN = `hidden_states.${LAYERS}`

const head = table(1, VOCABULARY, 6)
const bias = Float32Array.from({ length: VOCABULARY }, (_, token) => (token === EOS ? 1.5 : 0))
const noise = table(50000, CONTEXTS)

/** Each layer's hidden states and scores in every context, by how much noise is in them. */
const models = new Map<number, { states: Float32Array; scores: Float32Array }[][]>()
function modelOf(scale: number) {
  const known = models.get(scale)
  if (known) return known
  const layers = Array.from({ length: LAYERS + 1 }, (_, layer) =>
    table(1000 + layer * CONTEXTS * WIDTH, CONTEXTS).map((row, context) => {
      const states = row.map((value, i) => value + scale * noise[context]![i]!)
      const scores = bias.map(
        (constant, token) => head[token]!.reduce((sum, weight, i) => sum + weight * states[i]!, 0) + constant,
      )
      return { states, scores }
    }),
  )
  models.set(scale, layers)
  return layers
}

export class ToyDecoder implements Decoder {
  readonly vocabulary = VOCABULARY
  readonly #model: ReturnType<typeof modelOf>
  #rows: Int32Array[] = []
  #last: number[][] = []
  /** How many tokens of each row were read, one reading after the other. */
  readonly readings: number[] = []

  /** @param layers that give `early.0`, … */
  constructor({ noise: scale = 0, layers = [] }: { noise?: number; layers?: readonly number[] } = {}) {
    this.#model = modelOf(scale)
    this.#layers = layers
  }

  readonly #layers: readonly number[]

  async read(tokens: readonly Int32Array[], keep = 1): Promise<Float32Array> {
    if (this.#rows.length === 0) this.#rows = tokens.map(() => new Int32Array())
    if (tokens.length !== this.#rows.length || tokens.some((row) => row.length === 0))
      throw new Error(`The rows ${JSON.stringify(tokens)} do not go on from ${this.#rows.length} rows.`)
    this.readings.push(tokens[0]!.length)
    this.#rows = this.#rows.map((row, i) => extended(row, ...tokens[i]!))
    this.#last = this.#rows.map((row, i) => {
      const first = row.length - tokens[i]!.length
      return Array.from(tokens[i]!, (_, n) => contextOf(row.subarray(0, first + n + 1)))
    })
    return this.#scores(LAYERS, keep)
  }

  #scores(layer: number, keep: number): Float32Array {
    const contexts = this.#last.flatMap((row) => row.slice(-keep))
    const scores = new Float32Array(contexts.length * VOCABULARY)
    for (const [i, context] of contexts.entries())
      scores.set(this.#model[layer]![context]!.scores, i * VOCABULARY)
    return scores
  }

  outputs(): PlainTensors {
    const rows = this.#last.length
    const states = this.#last.flat().flatMap((context) => [...this.#model[LAYERS]![context]!.states])
    const early = this.#layers.map((layer) => [
      `early.${layer}`,
      { dtype: 'float32' as const, shape: [rows, 1, VOCABULARY], data: this.#scores(layer, 1) },
    ])
    return {
      ...Object.fromEntries(early),
      [HIDDEN]: {
        dtype: 'float32',
        shape: [rows, this.#last[0]!.length, WIDTH],
        data: Float32Array.from(states),
      },
    }
  }

  async reorder(rows: readonly number[]) {
    this.#rows = rows.map((row) => this.#rows[row]!)
    this.#last = rows.map((row) => this.#last[row]!)
  }

  crop(length: number) {
    this.#rows = this.#rows.map((row) => row.slice(0, length))
  }
}

const contextOf = (tokens: Int32Array) =>
  ((tokens.at(-1) ?? 0) * 31 + (tokens.at(-2) ?? 0) * 17 + (tokens.at(-3) ?? 0) * 7 + 3) % CONTEXTS

/** Greedy search with the toy's tokens and Python's defaults, some of them changed. */
export const settingsWith = (changes: Partial<GenerationSettings> = {}): GenerationSettings =>
  settingsOf({ eos_token_id: [EOS], pad_token_id: PAD, top_k: 50, ...changes })

/** How far apart numbers are at most, relative to their size from 1 on; infinite where one is finite and the other is not. */
export function apart(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY
  let most = 0
  for (let i = 0; i < actual.length; i++) {
    const [a, b] = [actual[i]!, expected[i]!]
    if (Object.is(a, b)) continue
    const difference = Math.abs(a - b) / Math.max(1, Math.abs(b))
    most = Math.max(most, Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference)
  }
  return most
}

export const PROMPT = Int32Array.of(26, 28, 4)
/** Twelve tokens after the prompt, whatever they are. */
export const endless: Partial<GenerationSettings> = { eos_token_id: [], max_length: 15 }

/** Generate with the toy model. */
export const run = (
  changes: Partial<GenerationSettings> = {},
  hooks: Hooks = {},
  signal?: AbortSignal,
  prompts: readonly Int32Array[] = [PROMPT],
) =>
  generate(
    { decoder: new ToyDecoder() },
    { settings: settingsWith(changes), prompts, seed: 1, hiddenOutput: HIDDEN },
    hooks,
    signal,
  )

/** What a generation threw. */
export async function thrown(generation: Promise<unknown>): Promise<Error & { sequences?: Int32Array[] }> {
  try {
    await generation
  } catch (error) {
    return error as Error
  }
  throw new Error('Nothing was thrown.')
}
