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

/** Where the texts that begin alike go on, by their next UTF-16 unit. */
interface Node {
  id: number | undefined
  readonly next: Map<number, Node>
}

const emptyNode = (): Node => ({ id: undefined, next: new Map() })

export class Matcher {
  private readonly root = emptyNode()
  private readonly firsts: RegExp | undefined

  constructor(entries: readonly Entry[]) {
    for (const { id, text } of entries) {
      if (text === '') continue
      let node = this.root
      for (let i = 0; i < text.length; i++) {
        const unit = text.charCodeAt(i)
        const child = node.next.get(unit) ?? emptyNode()
        node.next.set(unit, child)
        node = child
      }
      // Of two tokens with one text the first counts.
      node.id ??= id
    }
    const units = Array.from(this.root.next.keys(), (unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
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
    let match: Match | undefined
    let node: Node | undefined = this.root
    for (let end = start; end < text.length; ) {
      node = node.next.get(text.charCodeAt(end++))
      if (node === undefined) break
      if (node.id !== undefined) match = { id: node.id, start, end }
    }
    return match
  }
}
