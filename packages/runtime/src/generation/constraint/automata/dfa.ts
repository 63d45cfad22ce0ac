/** @file Deterministic automata over characters, closed under and, or, and without: what texts are possible. */
import { MOST_STATES, tooComplex } from '../errors'
import { ALL, LAST, type Ranges } from './characters'

/** Every state of an automaton can still come to an end, but for the first one of an automaton that accepts nothing. */
export interface Dfa {
  /** Where each class of characters begins, that of 0 first. */
  readonly starts: readonly number[]
  /** [states × classes]: the next state, -1 where there is none. The first state is 0. */
  readonly table: Int32Array
  readonly accepts: readonly boolean[]
}

/** An automaton of any kind of states, found from the first one on, with no more states than it needs.
 * @param starts where each class of characters begins
 * @throws {ResponseFormatError} when there are too many */
export function construct<State>(
  starts: readonly number[],
  first: State,
  keyOf: (state: State) => string | number,
  next: (state: State, character: number) => State | undefined,
  accepts: (state: State) => boolean,
): Dfa {
  const ids = new Map<string | number, number>([[keyOf(first), 0]])
  const states = [first]
  const rows: number[] = []
  for (let at = 0; at < states.length; at++) {
    for (const start of starts) {
      const following = next(states[at]!, start)
      if (following === undefined) {
        rows.push(-1)
        continue
      }
      const key = keyOf(following)
      let id = ids.get(key)
      if (id === undefined) {
        id = states.length
        ids.set(key, id)
        states.push(following)
        if (id > MOST_STATES) throw tooComplex('What the texts have to match')
      }
      rows.push(id)
    }
  }
  return minimal({ starts, table: Int32Array.from(rows), accepts: states.map(accepts) })
}

/** The states from which an end can be reached. @param table [states × width] */
function alive(table: Int32Array, accepts: readonly boolean[]): boolean[] {
  const width = table.length / accepts.length
  const before: number[][] = accepts.map(() => [])
  for (let state = 0; state < accepts.length; state++)
    for (let i = state * width; i < (state + 1) * width; i++) {
      const to = table[i]!
      if (to >= 0 && before[to]!.at(-1) !== state) before[to]!.push(state)
    }
  const found = accepts.slice()
  const waiting = accepts.flatMap((accepting, state) => (accepting ? [state] : []))
  for (let state = waiting.pop(); state !== undefined; state = waiting.pop())
    for (const from of before[state]!) {
      if (found[from]) continue
      found[from] = true
      waiting.push(from)
    }
  return found
}

/** More states than these are not compared with each other: what counts is long already, and as small as can be. */
const COMPARED = 1000

/** Without what leads nowhere, and with one state for all that are alike. */
function minimal({ starts, table, accepts }: Dfa): Dfa {
  const width = starts.length
  const lives = alive(table, accepts)
  if (!lives[0]) return { starts: [0], table: Int32Array.of(-1), accepts: [false] }
  const blocks =
    accepts.length > COMPARED
      ? lives.map((lively, state) => (lively ? state + 1 : 0))
      : alikeBlocks(table, accepts, lives)
  // The first state comes first, the others as they are met.
  const names = new Map<number, number>()
  const members: number[] = []
  const nameOf = (block: number, member: number) => {
    const name = names.get(block) ?? members.length
    if (name === members.length) {
      names.set(block, name)
      members.push(member)
    }
    return name
  }
  nameOf(blocks[0]!, 0)
  const rows: number[] = []
  for (let at = 0; at < members.length; at++)
    for (let c = 0; c < width; c++) {
      const to = table[members[at]! * width + c]!
      rows.push(to < 0 || blocks[to] === 0 ? -1 : nameOf(blocks[to]!, to))
    }
  return joined({ starts, table: Int32Array.from(rows), accepts: members.map((state) => accepts[state]!) })
}

/** Blocks of states, split until all states of a block lead to the same blocks; 0 is for what leads nowhere. */
function alikeBlocks(table: Int32Array, accepts: readonly boolean[], lives: readonly boolean[]): Int32Array {
  const width = table.length / accepts.length
  let blocks = Int32Array.from(accepts, (accepting, state) => (lives[state] ? (accepting ? 2 : 1) : 0))
  const blockOf = (state: number, c: number) => {
    const to = table[state * width + c]!
    return to < 0 ? 0 : blocks[to]!
  }
  const alike = (a: number, b: number) => {
    if (blocks[a] !== blocks[b]) return false
    for (let c = 0; c < width; c++) if (blockOf(a, c) !== blockOf(b, c)) return false
    return true
  }
  for (let count = 0; ; ) {
    const firsts = new Map<number, number[]>() // of blocks, by a number that alike states share
    const split = new Int32Array(accepts.length)
    let found = 0
    for (let state = 0; state < split.length; state++) {
      if (blocks[state] === 0) continue
      let hash = blocks[state]!
      for (let c = 0; c < width; c++) hash = (Math.imul(hash, 31) + blockOf(state, c)) | 0
      const others = firsts.get(hash) ?? []
      firsts.set(hash, others)
      const first = others.find((other) => alike(other, state))
      if (first === undefined) others.push(state)
      split[state] = first === undefined ? ++found : split[first]!
    }
    blocks = split
    if (found === count) return blocks
    count = found
  }
}

/** With one class for neighbours that all states treat alike. */
function joined({ starts, table, accepts }: Dfa): Dfa {
  const width = starts.length
  const kept = starts.flatMap((_, c) => {
    if (c === 0) return [c]
    for (let state = 0; state < accepts.length; state++)
      if (table[state * width + c] !== table[state * width + c - 1]) return [c]
    return []
  })
  const rows = accepts.flatMap((_, state) => kept.map((c) => table[state * width + c]!))
  return { starts: kept.map((c) => starts[c]!), table: Int32Array.from(rows), accepts }
}

/** Which class a character is of. */
export function classOf({ starts }: Dfa, code: number): number {
  let [low, high] = [0, starts.length - 1]
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (starts[middle]! <= code) low = middle
    else high = middle - 1
  }
  return low
}

/** The state after a character, -1 where there is none. */
export const after = (dfa: Dfa, state: number, code: number): number =>
  dfa.table[state * dfa.starts.length + classOf(dfa, code)]!

export const isEmpty = ({ table, accepts }: Dfa): boolean => !accepts[0] && table.every((to) => to < 0)

export function matches(dfa: Dfa, text: string): boolean {
  let state = 0
  for (const letter of text) {
    state = after(dfa, state, letter.codePointAt(0)!)
    if (state < 0) return false
  }
  return dfa.accepts[state]!
}

/** How many texts an automaton accepts; Infinity where it goes round. */
export function sizeOf(dfa: Dfa): number {
  const { starts, table, accepts } = dfa
  const sizes = new Map<number, number>()
  const sizeFrom = (state: number): number => {
    const known = sizes.get(state)
    if (known !== undefined) return known
    sizes.set(state, Number.POSITIVE_INFINITY) // what comes back to itself goes round
    let sum = accepts[state] ? 1 : 0
    for (const [c, start] of starts.entries()) {
      const to = table[state * starts.length + c]!
      if (to >= 0) sum += ((starts[c + 1] ?? LAST + 1) - start) * sizeFrom(to)
    }
    sizes.set(state, sum)
    return sum
  }
  return isEmpty(dfa) ? 0 : sizeFrom(0)
}

/** Where classes begin that tell apart what several do. */
export const commonStarts = (lists: readonly (readonly number[])[]): number[] =>
  [...new Set(lists.flat())].sort((a, b) => a - b)

/** Where classes begin that tell sets apart. */
export const startsOf = (sets: readonly Ranges[]): number[] =>
  commonStarts([
    [0],
    ...sets.map((set) => set.flatMap(([first, last]) => (last < LAST ? [first, last + 1] : [first]))),
  ])

type Combination = (a: boolean, b: boolean) => boolean

function product(a: Dfa, b: Dfa, accepts: Combination): Dfa {
  const [needsA, needsB] = [!accepts(false, true), !accepts(true, false)]
  return construct<readonly [number, number]>(
    commonStarts([a.starts, b.starts]),
    [0, 0],
    ([p, q]) => (p + 1) * (b.accepts.length + 1) + q + 1,
    ([p, q], code) => {
      const to = [p < 0 ? -1 : after(a, p, code), q < 0 ? -1 : after(b, q, code)] as const
      const lost = (needsA && to[0] < 0) || (needsB && to[1] < 0) || (to[0] < 0 && to[1] < 0)
      return lost ? undefined : to
    },
    ([p, q]) => accepts(p >= 0 && a.accepts[p]!, q >= 0 && b.accepts[q]!),
  )
}

export const and = (a: Dfa, b: Dfa): Dfa => (a === b ? a : product(a, b, (p, q) => p && q))
export const or = (a: Dfa, b: Dfa): Dfa => (a === b ? a : product(a, b, (p, q) => p || q))
export const without = (a: Dfa, b: Dfa): Dfa => product(a, b, (p, q) => p && !q)

/** Any text. */
export const ANY = construct(
  startsOf([ALL]),
  0,
  (state) => state,
  (state, code) => (ALL.some(([first, last]) => first <= code && code <= last) ? state : undefined),
  () => true,
)
/** No text at all. */
export const NOTHING = without(ANY, ANY)

/** One text of several. */
export function oneOf(texts: readonly string[]): Dfa {
  const codes = texts.flatMap((text) => Array.from(text, (letter) => letter.codePointAt(0)!))
  return construct(
    startsOf(codes.map((code) => [[code, code]])),
    '',
    (state) => state,
    (state, code) => {
      const longer = state + String.fromCodePoint(code)
      return texts.some((text) => text.startsWith(longer)) ? longer : undefined
    },
    (state) => texts.includes(state),
  )
}

/** Texts of so many characters. */
export function ofLength(least: number, most: number): Dfa {
  const last = most === Number.POSITIVE_INFINITY ? least : most
  return construct(
    ANY.starts,
    0,
    (count) => count,
    (count, code) => (after(ANY, 0, code) < 0 || count + 1 > most ? undefined : Math.min(count + 1, last)),
    (count) => count >= least,
  )
}
