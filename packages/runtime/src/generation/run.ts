/** @file What all strategies have in common: asking the model, shaping its scores, telling tokens, giving up. */
import type { Hooks } from './hooks'
import type { Decoder } from './model'
import { logSoftmax, rowsOf, softmax } from './numeric'
import { Recorder } from './output'
import type { LogitsProcessor } from './processors'
import { Reader } from './reader'
import { type Random, streams } from './sampling'
import { repeated } from './sequences'
import type { GenerationRequest, GenerationSettings } from './settings'
import type { StoppingCriterion } from './stopping'

/** One generation, while it runs. */
export class Run {
  readonly settings: GenerationSettings
  readonly prompts: readonly Int32Array[]
  readonly promptLength: number
  readonly vocabulary: number
  readonly reader: Reader
  readonly recorder: Recorder
  /** What there is so far, for whoever gives up in the midst. */
  sequences: readonly Int32Array[]
  readonly #seed: number
  readonly #told: Promise<void>[] = []
  #failure: { readonly error: unknown } | undefined
  /** How likely it is that nothing is said, for each prompt. */
  noSpeech: Float32Array | undefined

  constructor(
    readonly decoder: Decoder,
    readonly request: GenerationRequest,
    readonly processors: readonly LogitsProcessor[],
    readonly finished: StoppingCriterion,
    readonly hooks: Hooks,
    readonly signal?: AbortSignal,
  ) {
    const { settings, prompts, speech, seed = Math.floor(Math.random() * 2 ** 32) } = request
    this.settings = settings
    this.prompts = prompts
    this.sequences = prompts
    this.promptLength = prompts[0]!.length
    this.vocabulary = decoder.vocabulary
    this.reader = new Reader(decoder)
    const looks = speech?.alignment ? ['cross_attentions'] : []
    this.recorder = new Recorder(
      { ...settings, output_scores: settings.output_scores || speech?.token_logprobs === true },
      request.lists && [...request.lists, ...looks],
    )
    this.#seed = seed
  }

  /** A stream of random numbers for each row. */
  random(rows: number): Random[] {
    return streams(this.#seed, rows)
  }

  /** Throws what ends the generation, if anything does: an abort, or a callback that failed. */
  check() {
    this.signal?.throwIfAborted()
    if (this.#failure) throw this.#failure.error
  }

  /** What the model says comes after each row, [rows × vocabulary]. Prompts are read once, however many rows go on from each. */
  async read(rows: readonly Int32Array[]): Promise<Float32Array> {
    this.check()
    const times = rows.length / this.prompts.length
    if (this.reader.length >= this.promptLength) return this.reader.read(rows)
    if (times === 1) return this.#readPrompts(rows)
    const scores = await this.#readPrompts(this.prompts)
    await this.decoder.reorder(repeated([...this.prompts.keys()], times))
    return this.spread(scores, rows.length)
  }

  /** What comes after prompts, and on the way how likely it is that nothing is said. */
  async #readPrompts(rows: readonly Int32Array[]): Promise<Float32Array> {
    const { no_speech } = this.request.speech ?? {}
    if (!no_speech) return this.reader.read(rows)
    const kept = this.promptLength - no_speech.place
    const places = rowsOf(await this.reader.read(rows, kept), rows.length * kept)
    const first = places.filter((_, i) => i % kept === 0)
    this.noSpeech = Float32Array.from(first, (scores) => softmax(scores)[no_speech.token]!)
    const last = new Float32Array(rows.length * this.vocabulary)
    for (const row of rows.keys()) last.set(places[(row + 1) * kept - 1]!, row * this.vocabulary)
    return last
  }

  /** What was computed for each prompt, for each of the rows that go on from it. */
  spread(values: Float32Array, rows: number): Float32Array {
    const count = values.length / this.vocabulary
    if (count === rows) return values
    const spread = new Float32Array(rows * this.vocabulary)
    for (const [i, row] of repeated(rowsOf(values, count), rows / count).entries())
      spread.set(row, i * this.vocabulary)
    return spread
  }

  /** What tokens are to be chosen by, [rows × vocabulary]; `asLogs` makes logarithms of probabilities of the model's scores first. */
  async scores(rows: readonly Int32Array[], { asLogs = false } = {}): Promise<Float32Array> {
    const scores = await this.read(rows)
    this.recorder.step(this.decoder.outputs?.(), rows.length)
    this.recorder.logits(scores)
    if (asLogs) for (const row of rowsOf(scores, rows.length)) logSoftmax(row)
    await this.process(rows, scores)
    this.recorder.scores(scores)
    return scores
  }

  /** Change scores as all processors do. */
  async process(rows: readonly Int32Array[], scores: Float32Array) {
    for (const processor of this.processors) {
      const waiting = processor.process(rows, scores)
      if (waiting) await waiting
    }
  }

  /** Row i goes on from what was row rows[i]. */
  async reorder(rows: readonly number[]) {
    await this.reader.reorder(rows)
    for (const processor of this.processors) await processor.reorder?.(rows)
  }

  /** Tell tokens that were chosen. Nobody waits for the listener; when it fails, the next step does. */
  tell(tokens: Int32Array) {
    const waiting = this.hooks.onTokens?.(tokens)
    if (!waiting) return
    this.#told.push(
      waiting.catch((error) => {
        this.#failure ??= { error }
      }),
    )
  }

  /** Resolves when all that was told has been heard. */
  async heard() {
    await Promise.all(this.#told)
    if (this.#failure) throw this.#failure.error
  }
}
