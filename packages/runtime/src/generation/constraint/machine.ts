/** @file What may follow a text: all ways through a grammar at once, each with a stack of what it still has to read. */
import type { ByteAutomaton } from './automata/byte-automaton'

/** Something that texts are made of. */
export type GrammarSymbol = Terminal | Rule

/** What an automaton reads. */
export interface Terminal {
  readonly kind: 'terminal'
  readonly automaton: ByteAutomaton
  /** What comes after it, where that depends on what was read. */
  readonly following?: (read: Uint8Array) => readonly GrammarSymbol[]
}

/** What has several ways; they are asked for when they are needed, so that there may be any number of rules. */
export interface Rule {
  readonly kind: 'rule'
  readonly ways: () => readonly (readonly GrammarSymbol[])[]
}

/** Symbols to be read one after the other. Equal stacks are one object. */
interface Stack {
  readonly id: number
  readonly symbol: GrammarSymbol
  readonly rest: Stack | undefined
  readonly above: Map<GrammarSymbol, Stack>
  closure?: Closure
}

/** One way: where it is in a terminal, and what comes after that. */
interface Way {
  readonly terminal: Terminal
  readonly state: number
  /** What the terminal has read, where somebody asks for it. */
  readonly read: Uint8Array | undefined
  readonly rest: Stack | undefined
}

interface Closure {
  readonly ways: readonly Way[]
  readonly complete: boolean
}

/** All that a text can be the beginning of. Equal states are one object. */
export interface State {
  readonly ways: readonly Way[]
  /** Whether the text is whole as it is. */
  readonly complete: boolean
  readonly next: (State | null | undefined)[]
}

const NONE: Closure = { ways: [], complete: false }
const END: Closure = { ways: [], complete: true }
/** States that are known again; with more of them it begins anew. */
const KNOWN = 50_000

export class Machine {
  readonly start: State
  readonly #bottom = new Map<GrammarSymbol, Stack>()
  readonly #states = new Map<string, State>()
  readonly #terminals = new Map<Terminal, number>()
  #stacks = 0

  constructor(readonly root: GrammarSymbol) {
    this.start = this.#stateOf(this.#closure(this.#push(root, undefined)))
  }

  /** How many stacks it has come to: with more it needs more memory. */
  get size(): number {
    return this.#stacks
  }

  /** The state after a byte; null where it can't follow. */
  step(state: State, byte: number): State | null {
    const known = state.next[byte]
    if (known !== undefined) return known
    const found: Closure[] = []
    for (const way of state.ways) {
      const to = way.terminal.automaton.step(way.state, byte)
      if (to < 0) continue
      const read = way.terminal.following && Uint8Array.of(...(way.read ?? []), byte)
      const next: Way = { ...way, state: to, read }
      found.push({ ways: [next], complete: false })
      if (way.terminal.automaton.accepts(to)) found.push(this.after(next))
    }
    const next = found.length === 0 ? null : this.#stateOf(joined(found))
    state.next[byte] = next
    return next
  }

  /** What comes after a way whose terminal has been read. */
  after({ terminal, read, rest }: Way): Closure {
    let stack = rest
    for (const symbol of [...(terminal.following?.(read ?? new Uint8Array()) ?? [])].reverse())
      stack = this.#push(symbol, stack)
    return this.#closure(stack)
  }

  /** The state of what comes after a way whose terminal has been read. */
  stateAfter(way: Way): State {
    return this.#stateOf(this.after(way))
  }

  #push(symbol: GrammarSymbol, rest: Stack | undefined): Stack {
    const above = rest?.above ?? this.#bottom
    const known = above.get(symbol)
    if (known) return known
    this.#stacks += 1
    const stack: Stack = { id: this.#stacks, symbol, rest, above: new Map() }
    above.set(symbol, stack)
    return stack
  }

  /** The terminals that a stack can begin with. */
  #closure(stack: Stack | undefined): Closure {
    if (!stack) return END
    if (stack.closure) return stack.closure
    const found: Closure[] = []
    const seen = new Set<Stack>([stack])
    for (const top of seen) {
      const { symbol, rest } = top
      if (symbol.kind === 'terminal') {
        const way: Way = { terminal: symbol, state: symbol.automaton.start, read: undefined, rest }
        found.push({ ways: [way], complete: false })
        if (!symbol.automaton.accepts(symbol.automaton.start)) continue
        found.push(this.after(way))
        continue
      }
      for (const symbols of symbol.ways()) {
        let next = rest
        for (const each of [...symbols].reverse()) next = this.#push(each, next)
        if (next) seen.add(next)
        else found.push(END)
      }
    }
    stack.closure = found.length === 0 ? NONE : joined(found)
    return stack.closure
  }

  #stateOf({ ways, complete }: Closure): State {
    const keyed = new Map<string, Way>()
    for (const way of ways) {
      const key = `${this.#idOf(way.terminal)}.${way.state}.${way.rest?.id ?? 0}${way.read ? `.${way.read}` : ''}`
      keyed.set(key, way)
    }
    const key = `${complete} ${[...keyed.keys()].sort().join(' ')}`
    const known = this.#states.get(key)
    if (known) return known
    if (this.#states.size > KNOWN) this.#states.clear()
    const state: State = { ways: [...keyed.values()], complete, next: [] }
    this.#states.set(key, state)
    return state
  }

  #idOf(terminal: Terminal): number {
    const id = this.#terminals.get(terminal) ?? this.#terminals.size
    this.#terminals.set(terminal, id)
    return id
  }
}

function joined(closures: readonly Closure[]): Closure {
  if (closures.length === 1) return closures[0]!
  return {
    ways: closures.flatMap(({ ways }) => ways),
    complete: closures.some(({ complete }) => complete),
  }
}

export const terminal = (automaton: ByteAutomaton, following?: Terminal['following']): Terminal => ({
  kind: 'terminal',
  automaton,
  ...(following && { following }),
})

/** A rule whose ways are found once. */
export function rule(ways: () => readonly (readonly GrammarSymbol[])[]): Rule {
  let found: readonly (readonly GrammarSymbol[])[] | undefined
  return {
    kind: 'rule',
    ways() {
      found ??= ways()
      return found
    },
  }
}
