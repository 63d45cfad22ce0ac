/** @file Finds the leftmost, then longest, of many texts: thousands of added tokens cost no more than one. */

import { PairIndex, PairIndexBuilder } from './text/pair-index'

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
  /** The texts by their UTF-16 units: edge n leads from a node (0 is the root) over a unit to node n + 1. */
  private readonly edges: PairIndex
  /** The id of the text that ends with each edge, −1 where none does. */
  private readonly ids: Int32Array
  private readonly firsts: RegExp | undefined

  constructor(entries: readonly Entry[]) {
    const units = entries.reduce((sum, { text }) => sum + text.length, 0)
    const edges = new PairIndexBuilder(units)
    const firsts = new Set<number>()
    this.ids = new Int32Array(units).fill(-1)
    for (const { id, text } of entries) {
      let node = 0
      for (let i = 0; i < text.length; i++) {
        const unit = text.charCodeAt(i)
        const edge = edges.find(node, unit)
        node = 1 + (edge === -1 ? edges.add(node, unit) : edge)
        if (i === 0) firsts.add(unit)
      }
      // Of two tokens with one text the first counts.
      if (node > 0 && this.ids[node - 1] === -1) this.ids[node - 1] = id
    }
    this.edges = new PairIndex(edges.done())
    const escaped = Array.from(firsts, (unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
    if (escaped.length > 0) this.firsts = new RegExp(`[${escaped.join('')}]`, 'g')
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
    const { edges, ids } = this
    let id = -1
    let end = start
    for (let i = start, node = 0; i < text.length; i++) {
      const edge = edges.find(node, text.charCodeAt(i))
      if (edge === -1) break
      node = edge + 1
      if (ids[edge]! === -1) continue
      id = ids[edge]!
      end = i + 1
    }
    return id === -1 ? undefined : { id, start, end }
  }
}
