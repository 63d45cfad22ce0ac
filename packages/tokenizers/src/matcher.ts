/** @file Finds the leftmost, then longest, of many texts: thousands of added tokens cost no more than one. */

interface Entry {
  id: number
  text: string
}

export interface Match {
  id: number
  start: number
  end: number
}

export class Matcher {
  private readonly ids = new Map<string, number>()
  /** By their first two UTF-16 units, or the only one, how long texts are, longest first. */
  private readonly lengths = new Map<string, number[]>()
  private readonly firsts: RegExp | undefined

  constructor(entries: readonly Entry[]) {
    const firsts = new Set<number>()
    for (const { id, text } of entries) {
      // Of two tokens with one text the first counts.
      if (text === '' || this.ids.has(text)) continue
      this.ids.set(text, id)
      firsts.add(text.charCodeAt(0))
      const beginning = text.slice(0, 2)
      const lengths = this.lengths.get(beginning)
      if (lengths === undefined) this.lengths.set(beginning, [text.length])
      else if (!lengths.includes(text.length)) lengths.push(text.length)
    }
    for (const lengths of this.lengths.values()) lengths.sort((a, b) => b - a)
    const units = Array.from(firsts, (unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
    if (units.length > 0) this.firsts = new RegExp(`[${units.join('')}]`, 'g')
  }

  /** The first match at `from` or later. */
  next(text: string, from: number): Match | undefined {
    const { firsts } = this
    if (firsts === undefined) return undefined
    firsts.lastIndex = from
    while (firsts.test(text)) {
      const start = firsts.lastIndex - 1
      const match = this.longest(text, start)
      if (match !== undefined) return match
    }
    return undefined
  }

  private longest(text: string, start: number): Match | undefined {
    const { ids, lengths } = this
    for (const length of lengths.get(text.slice(start, start + 2)) ?? []) {
      const end = start + length
      const id = end > text.length ? undefined : ids.get(text.slice(start, end))
      if (id !== undefined) return { id, start, end }
    }
    const id = ids.get(text[start]!)
    return id === undefined ? undefined : { id, start, end: start + 1 }
  }
}
