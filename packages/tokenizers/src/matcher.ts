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

/** The texts that begin with one UTF-16 unit. */
interface Candidates {
  /** Longest first. */
  lengths: number[]
  ids: Map<string, number>
}

export class Matcher {
  private readonly candidates = new Map<number, Candidates>()
  private readonly firsts: RegExp | undefined

  constructor(entries: readonly Entry[]) {
    for (const { id, text } of entries) {
      if (text === '') continue
      const unit = text.charCodeAt(0)
      const candidates = this.candidates.get(unit) ?? { lengths: [], ids: new Map<string, number>() }
      this.candidates.set(unit, candidates)
      // Of two tokens with one text the first counts.
      if (candidates.ids.has(text)) continue
      candidates.ids.set(text, id)
      if (!candidates.lengths.includes(text.length)) candidates.lengths.push(text.length)
    }
    for (const { lengths } of this.candidates.values()) lengths.sort((a, b) => b - a)
    const units = Array.from(this.candidates.keys(), (unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
    if (units.length > 0) this.firsts = new RegExp(`[${units.join('')}]`, 'g')
  }

  /** The first match at `from` or later. */
  next(text: string, from: number): Match | undefined {
    const { firsts } = this
    if (firsts === undefined) return undefined
    firsts.lastIndex = from
    while (firsts.test(text)) {
      const start = firsts.lastIndex - 1
      const { lengths, ids } = this.candidates.get(text.charCodeAt(start))!
      for (const length of lengths) {
        const end = start + length
        const id = end > text.length ? undefined : ids.get(text.slice(start, end))
        if (id !== undefined) return { id, start, end }
      }
    }
    return undefined
  }
}
