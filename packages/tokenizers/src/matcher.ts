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

/** The texts with the same first two units; how they go on is sorted out once a text has it. */
interface Beginning {
  readonly entries: Entry[]
  root?: Node
}

export class Matcher {
  private readonly beginnings = new Map<number, Map<number, Beginning>>()
  private readonly firsts: RegExp | undefined

  constructor(entries: readonly Entry[]) {
    for (const entry of entries) {
      if (entry.text === '') continue
      const first = entry.text.charCodeAt(0)
      // Behind a text of one unit nothing follows: NaN, which is a key like any other.
      const second = entry.text.charCodeAt(1)
      const alike = this.beginnings.get(first) ?? new Map<number, Beginning>()
      this.beginnings.set(first, alike)
      const beginning = alike.get(second)
      if (beginning === undefined) alike.set(second, { entries: [entry] })
      else beginning.entries.push(entry)
    }
    const units = Array.from(this.beginnings.keys(), (unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
    if (units.length > 0) this.firsts = new RegExp(`[${units.join('')}]`, 'g')
  }

  get isEmpty(): boolean {
    return this.firsts === undefined
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
    const alike = this.beginnings.get(text.charCodeAt(start))!
    const single = alike.get(Number.NaN)
    let match = single && { id: single.entries[0]!.id, start, end: start + 1 }
    const beginning = start + 1 < text.length ? alike.get(text.charCodeAt(start + 1)) : undefined
    if (beginning === undefined) return match
    beginning.root ??= rootOf(beginning.entries)
    let node: Node | undefined = beginning.root
    for (let end = start + 2; ; end++) {
      if (node.id !== undefined) match = { id: node.id, start, end }
      node = end < text.length ? node.next.get(text.charCodeAt(end)) : undefined
      if (node === undefined) return match
    }
  }
}

/** Texts by what follows their first two units; of two tokens with one text the first counts. */
function rootOf(entries: readonly Entry[]): Node {
  const root: Node = { id: undefined, next: new Map() }
  for (const { id, text } of entries) {
    let node = root
    for (let i = 2; i < text.length; i++) {
      const unit = text.charCodeAt(i)
      const child = node.next.get(unit) ?? { id: undefined, next: new Map() }
      node.next.set(unit, child)
      node = child
    }
    node.id ??= id
  }
  return root
}
