/** @file What Whisper wrote about pieces of sound, as one transcript with times. */
import { languageName } from '../converters/whisper-languages'
import type { PreTrainedTokenizer } from '../pretrained/pretrained-tokenizer'
import { Clock, withoutPrompt } from './decode'
import { joinOverlapping, type Timed, type Times } from './overlap'
import { wordsOf } from './words'

/** What the model wrote about one piece. */
export interface AsrOutput {
  readonly tokens: readonly number[]
  /** When each token ends, in seconds from the start of the piece; needed for words. */
  readonly token_timestamps?: ArrayLike<number>
  /** Of a piece that overlaps others: its length, and what of it on both sides is the others', in seconds. */
  readonly stride?: readonly [length: number, left: number, right: number]
}

export interface AsrOptions {
  /** The times of segments, or of words. */
  returnTimestamps?: boolean | 'word'
  returnLanguage?: boolean
  /** Seconds from one timestamp to the next. */
  timePrecision?: number
}

/** A part of a transcript. */
export interface AsrChunk {
  text: string
  /** In seconds; there is no end where the sound stops in the middle of it. */
  timestamp?: [start: number | null, end: number | null]
  /** In English, where it was asked for. */
  language?: string | null
}

export interface Transcript {
  text: string
  /** Segments or words, where times or languages were asked for. */
  chunks?: AsrChunk[]
}

interface Chunk {
  language: string | null
  timestamp: [number | null, number | null]
  text: string
  words: AsrChunk[]
}

/** One transcript of what the model wrote about pieces of sound. Like `WhisperTokenizer._decode_asr` in Python.
 * @example
 * decodeAsr(tokenizer, [{ tokens: [50258, 50259, 50359, 50364, 2425, 1002, 50424, 50257] }], { returnTimestamps: true })
 * // { text: ' Hello world', chunks: [{ text: ' Hello world', timestamp: [0, 1.2] }] }
 */
export function decodeAsr(
  tokenizer: PreTrainedTokenizer,
  outputs: readonly AsrOutput[],
  { returnTimestamps = false, returnLanguage = false, timePrecision = 0.02 }: AsrOptions = {},
): Transcript {
  const writer = new TranscriptWriter(tokenizer, { returnTimestamps, returnLanguage, timePrecision })
  for (const output of outputs) writer.add(output)
  const chunks = writer.end()
  const text = chunks.map((chunk) => chunk.text).join('')
  if (returnTimestamps === 'word') return { text, chunks: chunks.flatMap(({ words }) => words) }
  if (!returnTimestamps && !returnLanguage) return { text }
  return {
    text,
    chunks: chunks.map(({ text, timestamp, language }) => ({
      ...(returnLanguage && { language }),
      ...(returnTimestamps && { timestamp }),
      text,
    })),
  }
}

class TranscriptWriter {
  readonly #chunks: Chunk[] = []
  readonly #first: number
  readonly #special: ReadonlySet<number>
  #language: string | null = null
  #chunk = this.#newChunk()
  /** What was written about the chunk so far, one list a piece. */
  #pending: Timed[] = []
  #offset = 0
  #skips = false

  constructor(
    readonly tokenizer: PreTrainedTokenizer,
    readonly options: Required<AsrOptions>,
  ) {
    this.#first = tokenizer.convertTokensToIds('<|notimestamps|>')! + 1
    this.#special = new Set(tokenizer.allSpecialIds)
  }

  add({ tokens: given, token_timestamps, stride }: AsrOutput): void {
    const { timePrecision, returnTimestamps } = this.options
    const ids = withoutPrompt(this.tokenizer, given)
    const [length, left, right] = stride ?? [0, 0, 0]
    this.#offset -= left
    const clock = new Clock(ids, this.#first, timePrecision)
    // A timestamp in what pieces share is no end: that is found when both have been read.
    const from = left ? left / timePrecision + this.#first : this.#first
    const until = right ? this.#lastTimestamp(ids, length - right) : undefined
    let current = this.#nothing()
    for (const [i, id] of ids.entries()) {
      if (this.#special.has(id)) {
        if (this.#speaks(id, current)) current = this.#nothing()
      } else if (id >= this.#first) {
        const time = round(clock.read(i) + this.#offset + clock.past)
        if (this.#ends(id, time, from, until)) {
          this.#pending.push(current)
          this.#finish(time)
          current = this.#nothing()
        }
      } else {
        current.tokens.push(id)
        if (returnTimestamps !== 'word') continue
        const start = i === 0 ? 0 : token_timestamps![i - 1]!
        current.times!.push([round(start + this.#offset), round(token_timestamps![i]! + this.#offset)])
      }
    }
    if (stride) this.#offset += length - right
    if (current.tokens.length > 0) this.#pending.push(current)
    else if (!this.#pending.some(({ tokens }) => tokens.length > 0)) {
      this.#chunk = this.#newChunk()
      this.#pending = []
    }
  }

  end(): Chunk[] {
    if (this.#pending.length > 0) this.#finish(null)
    return this.#chunks
  }

  #newChunk(): Chunk {
    return { language: this.#language, timestamp: [null, null], text: '', words: [] }
  }

  #nothing(): { tokens: number[]; times: Times[] | undefined } {
    return { tokens: [], times: this.options.returnTimestamps === 'word' ? [] : undefined }
  }

  /** The first of the timestamps at the end that only the next piece can tell about. */
  #lastTimestamp(ids: readonly number[], ends: number): number | undefined {
    let last: number | undefined
    for (const id of ids.toReversed()) {
      if (id < this.#first) continue
      if (last !== undefined && (id - this.#first) * this.options.timePrecision < ends) break
      last = id
    }
    return last
  }

  /** A token of a language; whether a chunk ends because another one is spoken. */
  #speaks(id: number, current: Timed): boolean {
    const language = languageName(this.tokenizer.decode([id]).slice(2, -2))
    if (language === undefined) return false
    const ends = this.#language !== null && language !== this.#language && !this.options.returnTimestamps
    if (ends) {
      this.#pending.push(current)
      this.#finish(null)
    }
    this.#chunk.language = language
    this.#language = language
    return ends
  }

  /** Whether a timestamp ends the chunk; else it begins one, or says nothing. */
  #ends(id: number, time: number, from: number, until: number | undefined): boolean {
    // Timestamps come in pairs: with an end, the next start is skipped.
    if (until !== undefined && id >= until) this.#skips = true
    else if (this.#skips || (this.#pending.length > 0 && id < from)) this.#skips = false
    else if (this.#chunk.timestamp[0] === null) this.#chunk.timestamp[0] = time
    else return time !== this.#chunk.timestamp[0]
    return false
  }

  #finish(time: number | null): void {
    const chunk = this.#chunk
    const { tokens, times } = joinOverlapping(this.#pending as [Timed, ...Timed[]])
    chunk.timestamp[1] = time
    chunk.text = this.tokenizer.decode(tokens)
    if (times) chunk.words = this.#words(tokens, times)
    this.#chunks.push(chunk)
    this.#pending = []
    this.#chunk = this.#newChunk()
  }

  #words(tokens: readonly number[], times: readonly Times[]): AsrChunk[] {
    const { returnLanguage } = this.options
    return wordsOf(this.tokenizer, tokens, this.#language ?? undefined).map(({ text, indices }) => ({
      text,
      timestamp: [times[indices[0]!]![0], times[indices.at(-1)!]![1]],
      ...(returnLanguage && { language: this.#language }),
    }))
  }
}

/** To hundredths; a tie goes to the even one, as in Python. */
function round(seconds: number): number {
  const tie = Number.isInteger(seconds * 8) && Math.abs((seconds * 100) % 1) === 0.5
  return tie ? (2 * Math.round(seconds * 50)) / 100 : Number(seconds.toFixed(2))
}
