/** @file A piece of a text: what is left between added tokens, or one of them; a view of an aligned string. */
import type { AlignedString } from './aligned-string'

/** `string.text.slice(start, end)`; with an `id`, it is an added token and nothing splits it any more. */
export class Split {
  constructor(
    readonly string: AlignedString,
    readonly start: number,
    readonly end: number,
    readonly id?: number,
  ) {}

  get text(): string {
    const { text } = this.string
    return this.start === 0 && this.end === text.length ? text : text.slice(this.start, this.end)
  }

  /** The piece as a string of its own. */
  get aligned(): AlignedString {
    return this.string.slice(this.start, this.end)
  }
}

/** The whole of `string` as one piece. */
export const whole = (string: AlignedString): Split => new Split(string, 0, string.text.length)
