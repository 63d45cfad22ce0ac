/** @file A schema as a grammar of JSON; its rules are made as they are come to, so that members may come in any order. */
import type { ByteAutomaton } from '../automata/byte-automaton'
import { matching } from '../automata/determine'
import { and, type Dfa, isEmpty, oneOf, without } from '../automata/dfa'
import { SpelledAutomaton } from '../automata/spelling'
import { type GrammarSymbol, type Rule, rule, type Terminal, terminal } from '../machine'
import type { Expression } from './expressions'
import { distinct } from './numbers'
import { Schemas } from './schemas'
import type { ArrayShape, ObjectShape } from './shapes'
import { ALL_STRINGS, both, hasNone, quoted, quotedName, stringsOf } from './strings'

type Ways = (readonly GrammarSymbol[])[]

/** White space between tokens: a space, or a new line and what it is indented by. More would never have to end. */
const SPACE = '(?: |\\r?\\n[ \\t]{0,40})?'

const plain = (dfa: Dfa): ByteAutomaton => new SpelledAutomaton(dfa, { json: false, escapes: false })
const token = (pattern: string): Terminal => terminal(plain(matching(pattern)))

/** What JSON is held together by; the same for all schemas. */
function punctuation() {
  shared ??= {
    space: token(SPACE),
    null: token('null'),
    true: token('true'),
    false: token('false'),
    open: token(`\\{${SPACE}`),
    close: token(`${SPACE}\\}`),
    begin: token(`\\[${SPACE}`),
    end: token(`${SPACE}\\]`),
    comma: token(`${SPACE},${SPACE}`),
    colon: token(`${SPACE}:${SPACE}`),
  }
  return shared
}
let shared:
  | Record<
      'space' | 'null' | 'true' | 'false' | 'open' | 'close' | 'begin' | 'end' | 'comma' | 'colon',
      Terminal
    >
  | undefined

/** The grammar of the values that meet a schema. @throws {ResponseFormatError} */
export function schemaGrammar(schema: unknown): GrammarSymbol {
  const rules = new SchemaRules(new Schemas(schema))
  return rule(() => [[punctuation().space, rules.value(rules.schemas.top)]])
}

/** How far an object is written. */
interface Members {
  readonly seen: readonly string[]
  /** Names that are not declared, where they must differ. */
  readonly others: readonly string[]
  /** Members so far, no more than matter. */
  readonly count: number
  readonly unmet: readonly number[]
}

/** How far an array is written. */
interface Items {
  readonly index: number
  /** Items of the kind that is asked for. */
  readonly matched: number
  /** What must not come again. */
  readonly seen: readonly string[]
}

class SchemaRules {
  readonly #symbols = punctuation()
  readonly #rules = new Map<object | string, Rule>()
  readonly #keys = new Map<string, Terminal>()
  readonly #automata = new Map<Dfa, Terminal>()
  readonly #shapes = new Map<object, number>()

  constructor(readonly schemas: Schemas) {}

  /** Equal rules are one object: the ways through them meet again. */
  #rule(key: object | string, ways: () => Ways): Rule {
    const known = this.#rules.get(key) ?? rule(ways)
    this.#rules.set(key, known)
    return known
  }
  #idOf(shape: object): number {
    const id = this.#shapes.get(shape) ?? this.#shapes.size
    this.#shapes.set(shape, id)
    return id
  }
  #numbers(dfa: Dfa): Terminal {
    const known = this.#automata.get(dfa) ?? terminal(plain(dfa))
    this.#automata.set(dfa, known)
    return known
  }

  value(expression: Expression): Rule {
    return this.#rule(expression, () => {
      const { schemas } = this
      const shapes = schemas.shapesOf(expression)
      const { null: nothing, true: yes, false: no, open, begin } = this.#symbols
      return [
        ...(shapes.null ? [[nothing]] : []),
        ...(shapes.true ? [[yes]] : []),
        ...(shapes.false ? [[no]] : []),
        ...(hasNone(shapes.strings) ? [] : [[terminal(quoted(shapes.strings))]]),
        ...(isEmpty(shapes.numbers) ? [] : [[this.#numbers(shapes.numbers)]]),
        ...shapes.arrays
          .filter((shape) => schemas.arrayCanBe(shape))
          .map((shape) => [begin, this.#items(shape, { index: 0, matched: 0, seen: [] })]),
        ...shapes.objects
          .filter((shape) => schemas.objectCanBe(shape))
          .map((shape) => [
            open,
            this.#members(shape, { seen: [], others: [], count: 0, unmet: [...shape.needs.keys()] }),
          ]),
      ]
    })
  }

  #items(shape: ArrayShape, at: Items): Rule {
    const key = `items ${this.#idOf(shape)} ${JSON.stringify(at)}`
    return this.#rule(key, () => {
      const { index, matched } = at
      const [kind] = shape.contains
      const enough = index >= shape.least && matched >= (kind?.least ?? 0)
      const ways: Ways = enough ? [[this.#symbols.end]] : []
      if (index >= this.schemas.mostItems(shape)) return ways
      const comma = index > 0 ? [this.#symbols.comma] : []
      return [...ways, ...this.#item(shape, at).map((way) => [...comma, ...way])]
    })
  }

  /** An item and all that comes after it. */
  #item(shape: ArrayShape, at: Items): Ways {
    const { schemas } = this
    const { expressions, algebra } = schemas
    const { index, matched, seen } = at
    const most = schemas.mostItems(shape)
    const item = algebra.itemAt(shape, index)
    // Beyond what is told apart, items are counted only where there can be too many.
    const far = Math.max(shape.prefix.length, shape.least) + 1
    const next = most === Number.POSITIVE_INFINITY ? Math.min(index + 1, far) : index + 1
    if (shape.unique && most > 1) return this.#differentItem(shape, { ...at, index: next })
    const goOn = (expression: Expression, found: number): Ways =>
      schemas.satisfiable(expression)
        ? [[this.value(expression), this.#items(shape, { index: next, matched: found, seen })]]
        : []
    const [kind] = shape.contains
    if (!kind) return goOn(item, 0)
    const counts = kind.most === Number.POSITIVE_INFINITY ? Math.min(matched + 1, kind.least) : matched + 1
    const [left, forced] = [schemas.matchesFrom(shape, index + 1), schemas.forcedFrom(shape, index + 1)]
    const other =
      kind.most === Number.POSITIVE_INFINITY ? item : expressions.and(item, expressions.not(kind.item))
    return [
      ...(counts + forced <= kind.most && counts + left >= kind.least
        ? goOn(expressions.and(item, kind.item), counts)
        : []),
      ...(matched + forced <= kind.most && matched + left >= kind.least ? goOn(other, matched) : []),
    ]
  }

  /** An item that has not come before; what it is written like is remembered. There is one: an array has no more items than differ. */
  #differentItem(shape: ArrayShape, at: Items): Ways {
    // Each token that ends an item leaves another rest: most are never come to.
    const key = `different ${this.#idOf(shape)} ${JSON.stringify(at)}`
    return [[this.#rule(key, () => this.#different(shape, at))]]
  }

  #different(shape: ArrayShape, { index, matched, seen }: Items): Ways {
    const shapes = this.schemas.shapesOf(shape.rest)
    const following = (read: Uint8Array) => {
      const text = new TextDecoder().decode(read)
      const written = text.startsWith('"') ? JSON.stringify(JSON.parse(text)) : text
      return [this.#items(shape, { index, matched, seen: [...seen, written].sort() })]
    }
    const values = seen.map((written): unknown => JSON.parse(written))
    const texts = values.filter((value) => typeof value === 'string')
    const strings =
      texts.length === 0
        ? shapes.strings
        : both(shapes.strings, stringsOf(without(ALL_STRINGS.dfa, oneOf(texts))))
    const numbers = without(
      distinct(shapes.numbers),
      oneOf(seen.filter((_, i) => typeof values[i] === 'number')),
    )
    const { null: nothing, true: yes, false: no } = this.#symbols
    const singles = [shapes.null && nothing, shapes.true && yes, shapes.false && no]
    const left = [null, true, false].map((value, i) => !values.includes(value) && singles[i])
    return [
      ...left.flatMap((single) => (single ? [[terminal(single.automaton, following)]] : [])),
      ...(hasNone(strings) ? [] : [[terminal(quoted(strings), following)]]),
      ...(isEmpty(numbers) ? [] : [[terminal(plain(numbers), following)]]),
    ]
  }

  #members(shape: ObjectShape, at: Members): Rule {
    const key = `members ${this.#idOf(shape)} ${JSON.stringify(at)}`
    return this.#rule(key, () => {
      const missing = [...shape.required].filter((name) => !at.seen.includes(name))
      const whole = missing.length === 0 && at.count >= shape.least && at.unmet.length === 0
      const ways: Ways = whole ? [[this.#symbols.close]] : []
      const comma = at.count > 0 ? [this.#symbols.comma] : []
      return [...ways, ...this.#member(shape, at, missing).map((way) => [...comma, ...way])]
    })
  }

  /** A member and all that comes after it. */
  #member(shape: ObjectShape, at: Members, missing: readonly string[]): Ways {
    const { algebra, expressions, satisfiable } = this.schemas
    const { seen, others, count, unmet } = at
    const { most, needs } = shape
    const next = most === Number.POSITIVE_INFINITY ? Math.min(count + 1, Math.max(shape.least, 1)) : count + 1
    const room = most - count - 1
    const ways: Ways = []
    for (const name of algebra.declared(shape)) {
      if (seen.includes(name)) continue
      const value = algebra.memberOf(shape, name)
      if (!satisfiable(value) || room < missing.filter((other) => other !== name).length + unmet.length)
        continue
      const after = { seen: [...seen, name].sort(), others, count: next, unmet }
      ways.push([this.#nameOf(name), this.#symbols.colon, this.value(value), this.#members(shape, after)])
    }
    // Names may come again where nobody counts them: the last member of a name is the one there is.
    const differ = needs.length > 0 || count < shape.least
    const remember = needs.length > 0 || next < shape.least
    for (const { names, value } of algebra.otherMembers(shape)) {
      const left = differ && others.length > 0 ? without(names, oneOf(others)) : names
      const goOn = (of: Dfa, expression: Expression, rest: readonly number[]) => {
        if (isEmpty(of) || !satisfiable(expression) || room < missing.length + rest.length) return
        const after = (found: readonly string[]) => [
          this.#symbols.colon,
          this.value(expression),
          this.#members(shape, { seen, others: found, count: next, unmet: rest }),
        ]
        const following = (read: Uint8Array) => {
          const name: string = JSON.parse(new TextDecoder().decode(read))
          return after([...others, name].sort())
        }
        ways.push(remember ? [terminal(quoted(stringsOf(of)), following)] : [this.#anyOf(of), ...after([])])
      }
      goOn(left, value, unmet)
      for (const need of unmet)
        goOn(
          and(left, needs[need]!.names),
          expressions.and(value, needs[need]!.value),
          unmet.filter((each) => each !== need),
        )
    }
    return ways
  }

  #nameOf(name: string): Terminal {
    const known = this.#keys.get(name) ?? terminal(quotedName(name))
    this.#keys.set(name, known)
    return known
  }
  readonly #names = new Map<Dfa, Terminal>()
  #anyOf(names: Dfa): Terminal {
    const known = this.#names.get(names) ?? terminal(quoted(stringsOf(names)))
    this.#names.set(names, known)
    return known
  }
}
