/** @file Whisper's decoding: the text alone, with its times written between, or with the times of its segments. */
import type { DecodingSource } from '../pretrained/decoding-source'
import type { DecodeOptions } from '../pretrained/options'

/** A segment's text, and when it was spoken, in seconds. */
export interface WhisperOffset {
  text: string
  timestamp: [start: number, end: number]
}

export interface WhisperDecoded {
  text: string
  offsets: WhisperOffset[]
}

/** How ids of a transcript become text. */
export interface WhisperDecodeOptions extends DecodeOptions {
  /** Give the segments between timestamps as well. Default: `false`. */
  outputOffsets?: boolean
  /** Write timestamps into the text: `'<|0.00|> Hello<|1.20|>'`. Default: `false`. */
  decodeWithTimestamps?: boolean
  /** Seconds from one timestamp to the next. Default: 0.02. */
  timePrecision?: number
}

/** Steps of time in the 30 seconds that the model sees. */
export const SEGMENT_STEPS = 1500

const TIMESTAMP = /<\|\d+\.\d+\|>/g

/** Like `WhisperTokenizer.decode` in Python. */
export function decodeWhisper(
  source: DecodingSource,
  given: readonly number[],
  {
    outputOffsets = false,
    decodeWithTimestamps = false,
    timePrecision = 0.02,
    ...options
  }: WhisperDecodeOptions,
): string | WhisperDecoded {
  const ids = options.skipSpecialTokens ? withoutPrompt(source, given) : given
  const decode = (part: readonly number[]) => source.plain(part, options).replace(TIMESTAMP, '')
  const text = decodeWithTimestamps
    ? withTimestamps(ids, firstTimestamp(source), timePrecision, decode)
    : decode(ids)
  return outputOffsets ? { text, offsets: offsetsOf(source, given, timePrecision) } : text
}

/** Timestamps' ids follow those of special tokens. */
const firstTimestamp = ({ allSpecialIds }: DecodingSource): number => allSpecialIds.at(-1)! + 1

/** A prompt goes until the transcript starts. */
export function withoutPrompt(
  source: Pick<DecodingSource, 'convertTokensToIds'>,
  ids: readonly number[],
): readonly number[] {
  if (ids.length === 0 || ids[0] !== source.convertTokensToIds('<|startofprev|>')) return ids
  const start = ids.indexOf(source.convertTokensToIds('<|startoftranscript|>') ?? -1)
  return start < 0 ? [] : ids.slice(start)
}

/** Time begins anew with every 30 seconds of a long recording, of which only the ids tell. */
export class Clock {
  /** Of the segments before this one. */
  past = 0
  #latest = 0
  #previous = 0

  constructor(
    readonly ids: readonly number[],
    readonly first: number,
    readonly precision: number,
  ) {}

  /** The time that the id at this place tells, in its own segment. `restarted` is told when the segment follows a pair of timestamps,
   * of which it takes up the last. */
  read(at: number, restarted: () => void = () => {}): number {
    const time = (this.ids[at]! - this.first) * this.precision
    if (time < this.#latest) {
      if (endsAlone(this.ids, at, this.first)) this.past += this.precision * SEGMENT_STEPS
      else {
        this.#latest = this.#previous
        this.past += this.#previous
        restarted()
      }
    }
    this.#previous = this.#latest
    this.#latest = time
    return time
  }
}

/** Whether what stands before is no pair of timestamps: then the segment went to the end of its 30 seconds. */
const endsAlone = (ids: readonly number[], at: number, first: number): boolean =>
  at >= 2 && !(ids[at - 1]! >= first && ids[at - 2]! >= first)

function withTimestamps(
  ids: readonly number[],
  first: number,
  precision: number,
  decode: (ids: readonly number[]) => string,
): string {
  const clock = new Clock(ids, first, precision)
  let parts: (string | number[])[] = [[]]
  for (const [i, id] of ids.entries()) {
    if (id < first) {
      ;(parts.at(-1) as number[]).push(id)
      continue
    }
    const time = clock.read(i, () => {
      parts = parts.slice(0, -2)
    })
    parts.push(`<|${(time + clock.past).toFixed(2)}|>`, [])
  }
  return parts.map((part) => (typeof part === 'string' ? part : decode(part))).join('')
}

/** The segments between pairs of timestamps. */
function offsetsOf(source: DecodingSource, ids: readonly number[], precision: number): WhisperOffset[] {
  const first = firstTimestamp(source)
  const stamps = ids.flatMap((id, i) => (id >= first ? [i] : []))
  const ends = stamps.filter((i) => stamps.includes(i + 1)).map((i) => i + 1)
  if (ends.length === 0 && stamps.length <= 1) return []
  const last = stamps.at(-1)! + 1
  if (!ends.includes(last)) ends.push(last)
  const offsets: WhisperOffset[] = []
  let from = stamps[0]!
  let [latest, past] = [0, 0] // in steps
  for (const to of ends) {
    const part = ids.slice(from, to)
    if (part.length > 1) {
      const [start, end] = [part[0]! - first, part.at(-1)! - first]
      if (start < latest) past += endsAlone(ids, from, first) ? SEGMENT_STEPS : latest
      latest = end
      offsets.push({
        text: source.plain(part, {}).replace(TIMESTAMP, ''),
        timestamp: [start * precision + past * precision, end * precision + past * precision],
      })
    }
    from = to
  }
  return offsets
}
