/** @file Dimensions whose size is known when the graph runs, and their arithmetic: one size has one spelling. */
import { GraphError } from './errors'

/** A size, a name (`'batch'`), or what is computed of names: `'batch*choices'`, `'height+1'`, `'floor((height+3)/4)'`. */
export type Dim = number | string

/** A whole number times names and quotients. */
interface Term {
  readonly factors: readonly string[]
  readonly times: number
}
/** A sum of terms by their factors; the one without factors is a number. */
type Terms = ReadonlyMap<string, Term>

interface Quotient {
  readonly dividend: Terms
  readonly by: number
}

/** What quotients are made of, by their spelling. */
const quotients = new Map<string, Quotient>()
/** What has been read. */
const read = new Map<string, Terms>()
/** What has been computed and spelled, by what was asked: a graph asks the same once a layer or more. */
const computed = new Map<string, Dim>()
const spelled = new Map<string, Dim>()

/** The sum of some dimensions.
 * @example sum(['height', 2, -1]) // 'height+1' */
export const sum = (dims: readonly Dim[]): Dim =>
  areNumbers(dims)
    ? dims.reduce((a, b) => a + b, 0)
    : once(computed, `+${dims}`, () => spell(added(dims.map(termsOf))))

/** a less b.
 * @example difference('floor((height+3)/4)', 'height') // 'floor((height+3)/4)-height' */
export const difference = (a: Dim, b: Dim): Dim =>
  typeof a === 'number' && typeof b === 'number' ? a - b : sum([a, product([-1, b])])

/** The product of some dimensions.
 * @example product(['batch', 2, 'sequence', 3]) // '6*batch*sequence' */
export const product = (dims: readonly Dim[]): Dim =>
  areNumbers(dims)
    ? dims.reduce((a, b) => a * b, 1)
    : once(computed, `*${dims}`, () => spell(dims.map(termsOf).reduce(multiplied, termsOf(1))))

/** How often a whole number goes into a dimension.
 * @example
 * quotient('height', 4) // 'floor(height/4)'
 * quotient('6*batch', 3) // '2*batch' */
export const quotient = (dim: Dim, by: number): Dim =>
  once(computed, `${dim}/${by}`, () => spell(divided(termsOf(dim), by)))

/** The one spelling of a dimension. */
export const canonical = (dim: Dim): Dim =>
  typeof dim === 'number' ? dim : once(spelled, dim, () => spell(termsOf(dim)))

const areNumbers = (dims: readonly Dim[]): dims is readonly number[] =>
  dims.every((dim) => typeof dim === 'number')

function once(known: Map<string, Dim>, asked: string, compute: () => Dim): Dim {
  const before = known.get(asked)
  if (before !== undefined) return before
  const dim = compute()
  known.set(asked, dim)
  return dim
}

/** Whether a dimension is a name, whose size nothing but an input tells. */
export const isName = (dim: Dim): dim is string => typeof dim === 'string' && !/[-+*/()]|^\d+$/.test(dim)

/** The names that a dimension is computed of. */
export const namesIn = (dim: Dim): string[] => {
  const inside = (terms: Terms): string[] =>
    [...terms.values()].flatMap(({ factors }) =>
      factors.flatMap((factor) => {
        const known = quotients.get(factor)
        return known ? inside(known.dividend) : [factor]
      }),
    )
  return [...new Set(inside(termsOf(dim)))]
}

/** What a name is multiplied with in a dimension; nothing where that is no such product.
 * @example cofactor('batch*queries', 'queries') // 'batch' */
export function cofactor(dim: Dim, name: string): Dim | undefined {
  const [only, ...others] = termsOf(dim).values()
  if (!only || others.length > 0 || only.factors.filter((factor) => factor === name).length !== 1)
    return undefined
  return product([only.times, ...only.factors.filter((factor) => factor !== name)])
}

/** What a dimension is computed with. */
export interface Arithmetic<T> {
  name(name: string): T
  number(value: number): T
  add(a: T, b: T): T
  multiply(a: T, b: T): T
  /** Rounded down. */
  divide(a: T, by: number): T
}

/** Compute a dimension. */
export function compute<T>(dim: Dim, arithmetic: Arithmetic<T>): T {
  const { name, number, add, multiply, divide } = arithmetic
  const factorOf = (factor: string): T => {
    const known = quotients.get(factor)
    return known ? divide(sumOf(known.dividend), known.by) : name(factor)
  }
  const termOf = ({ factors, times }: Term): T => {
    const numbers = times === 1 && factors.length > 0 ? [] : [number(times)]
    return [...numbers, ...factors.map(factorOf)].reduce(multiply)
  }
  const sumOf = (terms: Terms): T =>
    terms.size === 0 ? number(0) : [...terms.values()].map(termOf).reduce(add)
  return sumOf(termsOf(dim))
}

/** The size of a dimension once its names have sizes.
 * @example sizeOf('batch*choices', { batch: 2, choices: 4 }) // 8
 * @throws {GraphError} when a name has no size.
 */
export const sizeOf = (dim: Dim, sizes: Readonly<Record<string, number>>): number =>
  typeof dim === 'number'
    ? dim
    : compute(dim, {
        name(name) {
          const known = sizes[name]
          if (known !== undefined) return known
          throw new GraphError(
            `Dimension "${name}" has no size; known: ${Object.keys(sizes).join(', ') || 'none'}.`,
          )
        },
        number: (value) => value,
        add: (a, b) => a + b,
        multiply: (a, b) => a * b,
        divide: (a, by) => Math.floor(a / by),
      })

/** A multiple of each name, and what is added to it at the least and at the most. */
interface Bounds {
  readonly slopes: ReadonlyMap<string, number>
  readonly least: number
  readonly most: number
}

/** The largest that a dimension can be, whatever its names are; nothing where it grows with them.
 * @example largest('height-4*floor(height/4)') // 3 */
export function largest(dim: Dim): number | undefined {
  const flat = ({ slopes }: Bounds) => [...slopes.values()].every((slope) => Math.abs(slope) < 1e-9)
  const times = ({ slopes, least, most }: Bounds, factor: number): Bounds => {
    const ends = [least * factor, most * factor]
    return {
      slopes: new Map([...slopes].map(([name, slope]) => [name, slope * factor])),
      least: Math.min(...ends),
      most: Math.max(...ends),
    }
  }
  const bounds = compute<Bounds | undefined>(dim, {
    name: (name) => ({ slopes: new Map([[name, 1]]), least: 0, most: 0 }),
    number: (value) => ({ slopes: new Map(), least: value, most: value }),
    add(a, b) {
      if (!a || !b) return undefined
      const slopes = new Map(a.slopes)
      for (const [name, slope] of b.slopes) slopes.set(name, slope + (slopes.get(name) ?? 0))
      return { slopes, least: a.least + b.least, most: a.most + b.most }
    },
    multiply(a, b) {
      const [factor, other] = a && flat(a) && a.least === a.most ? [a, b] : [b, a]
      return factor && other && flat(factor) && factor.least === factor.most
        ? times(other, factor.least)
        : undefined
    },
    divide(a, by) {
      const exact = a && times(a, 1 / by)
      return exact && { ...exact, least: exact.least - (by - 1) / by }
    },
  })
  return bounds && flat(bounds) ? Math.floor(bounds.most + 1e-9) : undefined
}

const NUMBER = '' // the key of the term without factors
const numberIn = (terms: Terms) => terms.get(NUMBER)?.times ?? 0

function added(sums: readonly Terms[]): Terms {
  const total = new Map<string, Term>()
  for (const terms of sums) {
    for (const [key, { factors, times }] of terms) {
      const all = times + (total.get(key)?.times ?? 0)
      if (all === 0) total.delete(key)
      else total.set(key, { factors, times: all })
    }
  }
  return total
}

const multiplied = (a: Terms, b: Terms): Terms =>
  added(
    [...a.values()].flatMap((one) =>
      [...b.values()].map((other) => term(one.times * other.times, [...one.factors, ...other.factors])),
    ),
  )

function term(times: number, factors: readonly string[]): Terms {
  const sorted = factors.toSorted()
  return new Map(times === 0 ? [] : [[sorted.join('*'), { factors: sorted, times }]])
}

/** Whole multiples of the divisor come out of the quotient, and a quotient inside of it becomes one with it, so that equal sizes
 * are spelled alike: strides one after another divide once. */
function divided(dividend: Terms, by: number): Terms {
  if (!(Number.isInteger(by) && by > 0))
    throw new GraphError(`A dimension is divided by a whole number, got ${by}.`)
  if (by === 1) return dividend
  const scaled = (terms: Terms, change: (times: number) => number) =>
    added([...terms.values()].map(({ factors, times }) => term(change(times), factors)))
  const whole = scaled(dividend, (times) => Math.floor(times / by))
  const rest = scaled(dividend, (times) => times - by * Math.floor(times / by))
  const named = [...rest.values()].filter(({ factors }) => factors.length > 0)
  if (named.length === 0) return whole // a number smaller than the divisor
  const common = named.reduce((a, { times }) => gcd(a, times), by)
  if (common > 1)
    return added([
      whole,
      divided(
        scaled(rest, (times) => Math.floor(times / common)),
        by / common,
      ),
    ])
  const [only, ...others] = named
  const inner =
    others.length === 0 && only!.times === 1 && only!.factors.length === 1 && quotients.get(only!.factors[0]!)
  if (inner) {
    const shifted = added([inner.dividend, term(inner.by * numberIn(rest), [])])
    return added([whole, divided(shifted, inner.by * by)])
  }
  const spelled = rest.size === 1 ? spell(rest) : `(${spell(rest)})`
  const atom = `floor(${spelled}/${by})`
  quotients.set(atom, { dividend: rest, by })
  return added([whole, term(1, [atom])])
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b))

function spell(terms: Terms): Dim {
  if ([...terms.keys()].every((key) => key === NUMBER)) return numberIn(terms)
  const sorted = [...terms].sort(([a], [b]) => (a === NUMBER ? 1 : b === NUMBER ? -1 : a < b ? -1 : 1))
  const spelled = sorted.map(([key, { times }], i) => {
    const sign = times < 0 ? '-' : i > 0 ? '+' : ''
    const size = Math.abs(times)
    return sign + (key === NUMBER ? size : size === 1 ? key : `${size}*${key}`)
  })
  const spelling = spelled.join('')
  read.set(spelling, new Map(sorted)) // in the order in which it would be read
  return spelling
}

function termsOf(dim: Dim): Terms {
  if (typeof dim === 'number') return term(dim, [])
  const known = read.get(dim)
  if (known) return known
  const terms = parse(dim)
  read.set(dim, terms)
  return terms
}

/** @throws {GraphError} when it is no sum of products of numbers, names and quotients. */
function parse(text: string): Terms {
  const tokens = text.match(/floor\(|[-+*/()]|[^-+*/()]+/g) ?? []
  let at = 0
  const take = (token: string) => {
    if (tokens[at] !== token) return false
    at++
    return true
  }
  const expect = (right: boolean) => {
    if (!right) throw new GraphError(`"${text}" is no dimension: it is neither a name nor computed of names.`)
  }
  const factor = (): Terms => {
    if (take('(')) {
      const inside = sumOf()
      expect(take(')'))
      return inside
    }
    if (take('floor(')) {
      const dividend = sumOf()
      expect(take('/'))
      const by = Number(tokens[at++])
      expect(Number.isInteger(by) && by > 0 && take(')'))
      return divided(dividend, by)
    }
    const token = tokens[at++]
    expect(token !== undefined && !/^[-+*/)]$/.test(token))
    return /^\d+$/.test(token!) ? term(Number(token), []) : term(1, [token!])
  }
  const productOf = (): Terms => {
    let terms = factor()
    while (take('*')) terms = multiplied(terms, factor())
    return terms
  }
  const sumOf = (): Terms => {
    const parts: Terms[] = []
    do {
      const sign = take('-') ? -1 : 1
      if (sign > 0) take('+')
      parts.push(multiplied(term(sign, []), productOf()))
    } while (tokens[at] === '+' || tokens[at] === '-')
    return added(parts)
  }
  const terms = sumOf()
  expect(at === tokens.length)
  return terms
}
