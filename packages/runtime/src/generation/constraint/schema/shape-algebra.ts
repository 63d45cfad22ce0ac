/** @file And, or, not of what values there may be: exact, or refused. */
import { ResponseFormatError } from '../../../errors'
import {
  ANY,
  and as bothDfas,
  type Dfa,
  or as eitherDfa,
  isEmpty,
  matches,
  oneOf,
  without,
} from '../automata/dfa'
import type { Expression, Expressions } from './expressions'
import { NUMBERS, others } from './numbers'
import { type ArrayShape, type Layer, NO_DFA, type ObjectShape, type Shapes } from './shapes'
import { ALL_STRINGS, both, either, NO_STRINGS, otherStrings } from './strings'

/** More ways than these are not followed. */
const MOST_WAYS = 256

export class ShapeAlgebra {
  readonly anyArray: ArrayShape
  readonly anyObject: ObjectShape
  readonly all: Shapes
  readonly none: Shapes

  constructor(readonly expressions: Expressions) {
    const { anything } = expressions
    this.anyArray = {
      prefix: [],
      rest: anything,
      least: 0,
      most: Number.POSITIVE_INFINITY,
      contains: [],
      unique: false,
    }
    this.anyObject = {
      layers: [],
      required: new Set(),
      names: ANY,
      least: 0,
      most: Number.POSITIVE_INFINITY,
      needs: [],
    }
    this.none = {
      null: false,
      true: false,
      false: false,
      strings: NO_STRINGS,
      numbers: NO_DFA,
      arrays: [],
      objects: [],
    }
    this.all = {
      null: true,
      true: true,
      false: true,
      strings: ALL_STRINGS,
      numbers: NUMBERS,
      arrays: [this.anyArray],
      objects: [this.anyObject],
    }
  }

  and(a: Shapes, b: Shapes): Shapes {
    if (a === this.all) return b
    if (b === this.all) return a
    return {
      null: a.null && b.null,
      true: a.true && b.true,
      false: a.false && b.false,
      strings: both(a.strings, b.strings),
      numbers: bothDfas(a.numbers, b.numbers),
      arrays: pairs(a.arrays, b.arrays, (x, y) => this.#bothArrays(x, y)),
      objects: pairs(a.objects, b.objects, (x, y) => this.#bothObjects(x, y)),
    }
  }

  or(a: Shapes, b: Shapes): Shapes {
    return {
      null: a.null || b.null,
      true: a.true || b.true,
      false: a.false || b.false,
      strings: either(a.strings, b.strings),
      numbers: isEmpty(a.numbers)
        ? b.numbers
        : isEmpty(b.numbers)
          ? a.numbers
          : eitherDfa(a.numbers, b.numbers),
      arrays: few([...new Set([...a.arrays, ...b.arrays])]),
      objects: few([...new Set([...a.objects, ...b.objects])]),
    }
  }

  not(of: Shapes): Shapes {
    return {
      null: !of.null,
      true: !of.true,
      false: !of.false,
      strings: otherStrings(of.strings),
      numbers: isEmpty(of.numbers) ? NUMBERS : others(of.numbers),
      arrays: of.arrays.reduce<readonly ArrayShape[]>(
        (rest, shape) => pairs(rest, this.#otherArrays(shape), (x, y) => this.#bothArrays(x, y)),
        [this.anyArray],
      ),
      objects: of.objects.reduce<readonly ObjectShape[]>(
        (rest, shape) => pairs(rest, this.#otherObjects(shape), (x, y) => this.#bothObjects(x, y)),
        [this.anyObject],
      ),
    }
  }

  itemAt = ({ prefix, rest }: ArrayShape, index: number): Expression => prefix[index] ?? rest

  #bothArrays(a: ArrayShape, b: ArrayShape): ArrayShape | undefined {
    if (a === this.anyArray) return b
    if (b === this.anyArray) return a
    const { and } = this.expressions
    const longer = a.prefix.length >= b.prefix.length ? a.prefix : b.prefix
    const [least, most] = [Math.max(a.least, b.least), Math.min(a.most, b.most)]
    if (least > most) return undefined
    return {
      prefix: longer.map((_, i) => and(this.itemAt(a, i), this.itemAt(b, i))),
      rest: and(a.rest, b.rest),
      least,
      most,
      contains: [...a.contains, ...b.contains],
      unique: a.unique || b.unique,
    }
  }

  #bothObjects(a: ObjectShape, b: ObjectShape): ObjectShape | undefined {
    if (a === this.anyObject) return b
    if (b === this.anyObject) return a
    const [least, most] = [Math.max(a.least, b.least), Math.min(a.most, b.most)]
    const required = new Set([...a.required, ...b.required])
    if (Math.max(least, required.size) > most) return undefined
    return {
      layers: [...new Set([...a.layers, ...b.layers])],
      required,
      names: bothDfas(a.names, b.names),
      least,
      most,
      needs: [...a.needs, ...b.needs],
    }
  }

  #otherArrays(shape: ArrayShape): ArrayShape[] {
    const { expressions, anyArray } = this
    const { prefix, rest, least, most, contains, unique } = shape
    if (unique)
      throw new ResponseFormatError(
        'A "not" of uniqueItems can\'t be followed. Say what there may be instead.',
      )
    if (rest !== expressions.anything && prefix.length > 0)
      throw new ResponseFormatError(
        'A "not" of items behind prefixItems can\'t be followed. Say what there may be instead.',
      )
    return [
      ...(least > 0 ? [{ ...anyArray, most: least - 1 }] : []),
      ...(most < Number.POSITIVE_INFINITY ? [{ ...anyArray, least: most + 1 }] : []),
      ...prefix.flatMap((item, i) =>
        item === expressions.anything
          ? []
          : [
              {
                ...anyArray,
                prefix: [...prefix.slice(0, i).map(() => expressions.anything), expressions.not(item)],
                least: i + 1,
              },
            ],
      ),
      ...(rest === expressions.anything
        ? []
        : [
            {
              ...anyArray,
              contains: [{ item: expressions.not(rest), least: 1, most: Number.POSITIVE_INFINITY }],
            },
          ]),
      ...contains.flatMap(({ item, least: few, most: many }) => [
        ...(few > 0 ? [{ ...anyArray, contains: [{ item, least: 0, most: few - 1 }] }] : []),
        ...(many < Number.POSITIVE_INFINITY
          ? [{ ...anyArray, contains: [{ item, least: many + 1, most: Number.POSITIVE_INFINITY }] }]
          : []),
      ]),
    ]
  }

  #otherObjects(shape: ObjectShape): ObjectShape[] {
    const { expressions, anyObject } = this
    const { layers, required, names, least, most, needs } = shape
    if (needs.length > 0)
      throw new ResponseFormatError(
        'A "not" within a "not" of members can\'t be followed. Say what there may be instead.',
      )
    const having = (name: string, value: Expression): ObjectShape => ({
      ...anyObject,
      layers: [{ properties: new Map([[name, value]]), patterns: [], additional: expressions.anything }],
    })
    return [
      ...(least > 0 ? [{ ...anyObject, most: least - 1 }] : []),
      ...(most < Number.POSITIVE_INFINITY ? [{ ...anyObject, least: most + 1 }] : []),
      ...[...required].map((name) => having(name, expressions.nothing)),
      ...(names === ANY
        ? []
        : [{ ...anyObject, needs: [{ names: without(ANY, names), value: expressions.anything }] }]),
      ...layers.flatMap(({ properties, patterns, additional }) => [
        ...[...properties].flatMap(([name, value]) =>
          value === expressions.anything
            ? []
            : [{ ...having(name, expressions.not(value)), required: new Set([name]) }],
        ),
        ...patterns.flatMap(({ names: of, value }) =>
          value === expressions.anything
            ? []
            : [{ ...anyObject, needs: [{ names: of, value: expressions.not(value) }] }],
        ),
        ...(additional === expressions.anything
          ? []
          : [
              {
                ...anyObject,
                needs: [
                  { names: this.#undeclared(properties, patterns), value: expressions.not(additional) },
                ],
              },
            ]),
      ]),
    ]
  }

  #undeclared(properties: Layer['properties'], patterns: Layer['patterns']): Dfa {
    const declared = properties.size > 0 ? without(ANY, oneOf([...properties.keys()])) : ANY
    return patterns.reduce((rest, { names }) => without(rest, names), declared)
  }

  /** What a member of a name has to be. */
  memberOf({ layers, names }: ObjectShape, name: string): Expression {
    const { expressions } = this
    if (names !== ANY && !matches(names, name)) return expressions.nothing
    return expressions.and(
      ...layers.map(({ properties, patterns, additional }) => {
        const own = properties.get(name)
        const found = [
          ...(own ? [own] : []),
          ...patterns.filter((each) => matches(each.names, name)).map(({ value }) => value),
        ]
        return found.length > 0 ? expressions.and(...found) : additional
      }),
    )
  }

  /** The names that a shape tells of. */
  declared = ({ layers, required }: ObjectShape): string[] => [
    ...new Set([...layers.flatMap(({ properties }) => [...properties.keys()]), ...required]),
  ]

  /** All other names, by what their members have to be. */
  otherMembers(shape: ObjectShape): { readonly names: Dfa; readonly value: Expression }[] {
    const { expressions } = this
    const known = undeclaredMembers.get(shape)
    if (known) return known
    const declared = this.declared(shape)
    const patterns = shape.layers.flatMap((layer) => layer.patterns)
    let classes = [{ names: shape.names, found: new Set<(typeof patterns)[number]>() }]
    for (const pattern of patterns)
      classes = few(
        classes.flatMap(({ names, found }) =>
          [
            { names: bothDfas(names, pattern.names), found: new Set([...found, pattern]) },
            { names: without(names, pattern.names), found },
          ].filter((each) => !isEmpty(each.names)),
        ),
      )
    const members = classes.flatMap(({ names, found }) => {
      const values = shape.layers.map(({ patterns: own, additional }) => {
        const matched = own.filter((pattern) => found.has(pattern))
        return matched.length > 0 ? expressions.and(...matched.map(({ value }) => value)) : additional
      })
      const value = expressions.and(...values)
      if (value === expressions.nothing) return []
      const rest = declared.length > 0 ? without(names, oneOf(declared)) : names
      return isEmpty(rest) ? [] : [{ names: rest, value }]
    })
    undeclaredMembers.set(shape, members)
    return members
  }
}

const undeclaredMembers = new WeakMap<ObjectShape, { names: Dfa; value: Expression }[]>()

function pairs<T extends object>(a: readonly T[], b: readonly T[], join: (x: T, y: T) => T | undefined): T[] {
  return few([...new Set(a.flatMap((x) => b.map((y) => join(x, y))).filter((each) => each !== undefined))])
}

function few<T>(ways: T[]): T[] {
  if (ways.length <= MOST_WAYS) return ways
  throw new ResponseFormatError(
    `The schema can be met in more than ${MOST_WAYS} ways at one place. Make it simpler: fewer anyOf, oneOf or not within each other.`,
  )
}
