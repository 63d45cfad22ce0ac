/** @file Texts that end an answer and are no part of it, in a text that comes in pieces. */

export class StopTexts {
  /** Whether one of them has come. */
  found = false
  #held = ''

  constructor(readonly stops: readonly string[]) {}

  /** What can be shown: what may be the beginning of one waits. */
  push(text: string): string {
    if (this.found) return ''
    const whole = this.#held + text
    const at = this.stops.map((stop) => whole.indexOf(stop)).filter((place) => place >= 0)
    this.found = at.length > 0
    const end = this.found ? Math.min(...at) : whole.length - beginningOf(this.stops, whole)
    this.#held = this.found ? '' : whole.slice(end)
    return whole.slice(0, end)
  }

  /** What waited in vain. */
  rest(): string {
    const rest = this.#held
    this.#held = ''
    return rest
  }
}

/** How many letters at the end of a text may be the beginning of one of these. */
export function beginningOf(texts: readonly string[], text: string): number {
  const lengths = texts.map((each) => {
    for (let length = Math.min(each.length - 1, text.length); length > 0; length--)
      if (text.endsWith(each.slice(0, length))) return length
    return 0
  })
  return Math.max(0, ...lengths)
}
