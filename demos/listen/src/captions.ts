/** @file A transcript as a file: plain text, SRT, WebVTT. */
import type { Word } from './passages'

export interface Cue {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** Two lines of a film. */
const LONGEST_TEXT = 84
const LONGEST_TIME = 6
/** A pause that ends a cue. In seconds, as above. */
const PAUSE = 0.8
const END = /[.!?…。！？]["”’')\]]?$/

/** Words that are shown at once: of a sentence, or of as much of it as can be read. */
export function cuesOf(words: readonly Word[]): Cue[] {
  const cues: Word[][] = []
  for (const word of words) {
    const current = cues.at(-1)
    const [first, last] = [current?.[0], current?.at(-1)]
    const goesOn =
      first &&
      last &&
      word.start - last.end < PAUSE &&
      word.end - first.start <= LONGEST_TIME &&
      textOf([...current!, word]).length <= LONGEST_TEXT &&
      !END.test(last.text)
    if (goesOn) current!.push(word)
    else cues.push([word])
  }
  return cues.map((parts) => ({
    start: parts[0]!.start,
    end: Math.max(parts[0]!.start, ...parts.map(({ end }) => end)),
    text: textOf(parts),
  }))
}

export const textOf = (words: readonly Word[]): string =>
  words
    .map(({ text }) => text)
    .join('')
    .trim()

/** `1:02:03,500`, with as many hours as there are. */
function stamp(seconds: number, point: string): string {
  const milliseconds = Math.round(seconds * 1000)
  const part = (size: number, modulo: number) => Math.floor(milliseconds / size) % modulo
  const two = (value: number) => String(value).padStart(2, '0')
  const hours = two(Math.floor(milliseconds / 3_600_000))
  return `${hours}:${two(part(60_000, 60))}:${two(part(1000, 60))}${point}${String(milliseconds % 1000).padStart(3, '0')}`
}

export const srt = (words: readonly Word[]): string =>
  cuesOf(words)
    .map(({ start, end, text }, i) => `${i + 1}\n${stamp(start, ',')} --> ${stamp(end, ',')}\n${text}\n`)
    .join('\n')

/** WebVTT takes these for its own. */
const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }
const escaped = (text: string) => text.replace(/[&<>]/g, (character) => ESCAPES[character]!)

export const vtt = (words: readonly Word[]): string =>
  `WEBVTT\n\n${cuesOf(words)
    .map(({ start, end, text }) => `${stamp(start, '.')} --> ${stamp(end, '.')}\n${escaped(text)}\n`)
    .join('\n')}`

/** `1:05`, or `1:01:05` from an hour on. */
export function clock(seconds: number): string {
  const whole = Math.floor(seconds + 1e-3) // sums of times are a little off
  const two = (value: number) => String(value).padStart(2, '0')
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60]
  return `${hours ? `${hours}:${two(minutes)}` : minutes}:${two(whole % 60)}`
}
