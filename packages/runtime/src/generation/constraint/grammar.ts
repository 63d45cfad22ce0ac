/** @file Grammars in EBNF as llama.cpp and XGrammar read them: `root ::= "yes" | "no" [.!]*`. */
import { ResponseFormatError } from '../../errors'
import { automatonOf } from './automata/determine'
import { isEmpty } from './automata/dfa'
import { choice, type Expression, parseRegex, repeat, sequence, text } from './automata/regex'
import { SpelledAutomaton } from './automata/spelling'
import { type Part, readGrammar } from './grammar-text'
import { type GrammarSymbol, rule, terminal } from './machine'

/** The grammar that a text writes down; its root is the rule `root`.
 * @throws {ResponseFormatError} when it can't be read, a rule begins with itself, or it never comes to an end */
export function textGrammar(grammar: string): GrammarSymbol {
  const rules = readGrammar(grammar)
  if (!rules.has('root'))
    throw new ResponseFormatError(
      `The grammar has the rules ${[...rules.keys()].join(', ') || 'of no name'}; expected one of the name "root".`,
    )
  for (const [name, part] of rules)
    for (const other of namesIn(part))
      if (!rules.has(other))
        throw new ResponseFormatError(
          `The rule "${name}" of the grammar names "${other}", which is no rule. There are ${[...rules.keys()].join(', ')}.`,
        )
  checkBeginnings(rules)
  const ending = endingRules(rules)
  if (!ending.has('root'))
    throw new ResponseFormatError('No text can meet the grammar: every way through "root" goes on for ever.')
  return new GrammarRules(rules, ending).symbolOf({ kind: 'name', name: 'root' })!
}

export function* namesIn(part: Part): Iterable<string> {
  if (part.kind === 'name') yield part.name
  else if ('parts' in part) for (const each of part.parts) yield* namesIn(each)
  else if ('part' in part) yield* namesIn(part.part)
}

/** Which rules can be of no characters. */
function emptyRules(rules: ReadonlyMap<string, Part>): Set<string> {
  const found = new Set<string>()
  const canBeEmpty = (part: Part): boolean => {
    switch (part.kind) {
      case 'name':
        return found.has(part.name)
      case 'text':
        return part.text === ''
      case 'class':
        return false
      case 'sequence':
        return part.parts.every(canBeEmpty)
      case 'choice':
        return part.parts.some(canBeEmpty)
      case 'repeat':
        return part.least === 0 || canBeEmpty(part.part)
    }
  }
  grow(found, rules, canBeEmpty)
  return found
}

/** Which rules can come to an end. */
function endingRules(rules: ReadonlyMap<string, Part>): Set<string> {
  const found = new Set<string>()
  const canEnd = (part: Part): boolean => {
    switch (part.kind) {
      case 'name':
        return found.has(part.name)
      case 'sequence':
        return part.parts.every(canEnd)
      case 'choice':
        return part.parts.some(canEnd)
      case 'repeat':
        return part.least === 0 || canEnd(part.part)
      default:
        return !isEmpty(automatonOf(regular(part, () => undefined)!))
    }
  }
  grow(found, rules, canEnd)
  return found
}

function grow(found: Set<string>, rules: ReadonlyMap<string, Part>, holds: (part: Part) => boolean) {
  for (let size = -1; size !== found.size; ) {
    size = found.size
    for (const [name, part] of rules) if (holds(part)) found.add(name)
  }
}

/** @throws {ResponseFormatError} when a rule comes to itself before any character */
function checkBeginnings(rules: ReadonlyMap<string, Part>) {
  const empty = emptyRules(rules)
  const isEmptyPart = (part: Part) => [...emptyRules(new Map([...rules, [' ', part]]))].includes(' ')
  function* beginnings(part: Part): Iterable<string> {
    if (part.kind === 'name') yield part.name
    else if (part.kind === 'choice') for (const each of part.parts) yield* beginnings(each)
    else if (part.kind === 'repeat') yield* beginnings(part.part)
    else if (part.kind === 'sequence')
      for (const each of part.parts) {
        yield* beginnings(each)
        if (each.kind === 'name' ? !empty.has(each.name) : !isEmptyPart(each)) return
      }
  }
  const first = new Map([...rules].map(([name, part]) => [name, new Set(beginnings(part))]))
  for (const name of rules.keys()) {
    const reached = new Set(first.get(name))
    for (const other of reached) for (const next of first.get(other)!) reached.add(next)
    if (reached.has(name))
      throw new ResponseFormatError(
        `The rule "${name}" of the grammar begins with itself, so that no first character can be told. Write the repetition behind: ${name} ::= item ("," item)*.`,
      )
  }
}

/** A part without rules that come back to themselves, as one expression. */
function regular(part: Part, ruleOf: (name: string) => Expression | undefined): Expression | undefined {
  switch (part.kind) {
    case 'name':
      return ruleOf(part.name)
    case 'text':
      return text(part.text)
    case 'class':
      return parseRegex(part.pattern)
    case 'repeat': {
      const inner = regular(part.part, ruleOf)
      return inner && repeat(inner, part.least, part.most)
    }
    case 'sequence':
    case 'choice': {
      const parts = part.parts.map((each) => regular(each, ruleOf))
      if (!parts.every((each) => each !== undefined)) return undefined
      return part.kind === 'sequence' ? sequence(...parts) : choice(...parts)
    }
  }
}

/** Characters that one expression may have, rules written out; with more, rules stay rules. */
const MOST_WRITTEN_OUT = 2000

class GrammarRules {
  readonly #symbols = new Map<string, GrammarSymbol>()
  readonly #recursive: ReadonlySet<string>

  constructor(
    readonly rules: ReadonlyMap<string, Part>,
    readonly ending: ReadonlySet<string>,
  ) {
    this.#recursive = new Set([...rules.keys()].filter((name) => this.#reaches(name, name)))
  }

  #reaches(from: string, to: string): boolean {
    const reached = new Set(namesIn(this.rules.get(from)!))
    for (const name of reached) for (const next of namesIn(this.rules.get(name)!)) reached.add(next)
    return reached.has(to)
  }

  /** A symbol for a part; nothing where it never comes to an end. */
  symbolOf(part: Part): GrammarSymbol | undefined {
    if (part.kind === 'name') return this.#ruleOf(part.name)
    const plain = this.#plain(part)
    return plain ? this.#terminalOf(plain) : rule(() => this.#ways(part))
  }

  #ruleOf(name: string): GrammarSymbol | undefined {
    if (!this.ending.has(name)) return undefined
    const known = this.#symbols.get(name)
    if (known) return known
    const part = this.rules.get(name)!
    const plain = this.#plain({ kind: 'name', name })
    const symbol = plain ? this.#terminalOf(plain) : rule(() => this.#ways(part))
    if (symbol) this.#symbols.set(name, symbol)
    return symbol
  }

  /** A part as one expression, where it is not too long for one. */
  #plain(part: Part): Expression | undefined {
    if ([...this.#all(part)].some((name) => this.#recursive.has(name))) return undefined
    if (this.#length(part) > MOST_WRITTEN_OUT) return undefined
    const written = (name: string): Expression | undefined => regular(this.rules.get(name)!, written)
    return regular(part, written)
  }
  *#all(part: Part): Iterable<string> {
    const reached = new Set(namesIn(part))
    for (const name of reached) for (const next of namesIn(this.rules.get(name)!)) reached.add(next)
    yield* reached
  }
  #length(part: Part): number {
    if (part.kind === 'name') return this.#length(this.rules.get(part.name)!)
    if (part.kind === 'text') return part.text.length
    if (part.kind === 'class') return 1
    if (part.kind === 'repeat')
      return (
        this.#length(part.part) *
        Math.max(part.least, part.most === Number.POSITIVE_INFINITY ? 1 : part.most, 1)
      )
    return part.parts.reduce((sum, each) => sum + this.#length(each), 0)
  }

  #terminalOf(expression: Expression): GrammarSymbol | undefined {
    const dfa = automatonOf(expression)
    return isEmpty(dfa) ? undefined : terminal(new SpelledAutomaton(dfa, { json: false, escapes: false }))
  }

  #ways(part: Part): (readonly GrammarSymbol[])[] {
    if (part.kind === 'choice') return part.parts.flatMap((each) => this.#ways(each))
    if (part.kind === 'sequence') {
      const symbols = part.parts.map((each) => this.symbolOf(each))
      return symbols.every((symbol) => symbol !== undefined) ? [symbols] : []
    }
    if (part.kind !== 'repeat') {
      const symbol = this.symbolOf(part)
      return symbol ? [[symbol]] : []
    }
    const { least, most } = part
    const symbol = this.symbolOf(part.part)
    if (!symbol) return least === 0 ? [[]] : []
    return [this.#repeated(symbol, least, most)]
  }

  /** Symbols one after the other: so many, and then as many as may be. */
  #repeated(symbol: GrammarSymbol, least: number, most: number): GrammarSymbol[] {
    const needed = Array.from({ length: least }, () => symbol)
    if (most === Number.POSITIVE_INFINITY) {
      const more: GrammarSymbol = rule(() => [[], [symbol, more]])
      return [...needed, more]
    }
    let more: GrammarSymbol | undefined
    for (let i = least; i < most; i++) {
      const rest = more ? [more] : []
      more = rule(() => [[], [symbol, ...rest]])
    }
    return more ? [...needed, more] : needed
  }
}
