/** @file A schema as a whole: references, what shapes its expressions have, and which of them any value can meet. */
import { ResponseFormatError } from '../../../errors'
import { and as bothDfas, isEmpty, oneOf, sizeOf } from '../automata/dfa'
import { type Expression, Expressions } from './expressions'
import { isObject, type Schema } from './keyword-values'
import { Keywords } from './keywords'
import { distinct, exactly } from './numbers'
import { References } from './references'
import { ShapeAlgebra } from './shape-algebra'
import { type ArrayShape, isScalarless, type ObjectShape, type Shapes } from './shapes'
import { countOf, dfaOf, stringsOf } from './strings'

/** More parts than these are not followed: schemas that are combined with each other make ever more. */
const MOST_PARTS = 5000
/** How deep one looks for what makes a value impossible before all is known. */
const DEEP = 3

export class Schemas {
  readonly expressions = new Expressions()
  readonly algebra = new ShapeAlgebra(this.expressions)
  readonly #shapes = new Map<Expression, Shapes>()
  readonly #reading = new Set<Expression>()
  readonly #references: References
  readonly #met = new Set<Expression>()

  /** @throws {ResponseFormatError} when it has what can't be enforced, or nothing can meet it */
  constructor(readonly root: unknown) {
    if (typeof root !== 'boolean' && !isObject(root))
      throw new ResponseFormatError(`A schema is an object or a boolean, got ${JSON.stringify(root)}.`)
    this.#references = new References(root)
    this.#settle()
    if (!this.satisfiable(this.top))
      throw new ResponseFormatError('No value can meet the schema: what it asks for contradicts itself.')
  }

  get top(): Expression {
    return this.expressions.schema(this.root as object | boolean)
  }

  /** Whether any value meets an expression. */
  satisfiable = (expression: Expression): boolean => this.#met.has(expression)

  shapesOf(expression: Expression): Shapes {
    const known = this.#shapes.get(expression)
    if (known) return known
    if (this.#reading.has(expression)) throw new Circular()
    if (this.#shapes.size > MOST_PARTS)
      throw new ResponseFormatError(
        `The schema has more than ${MOST_PARTS} parts when all that it combines is written out. Make it simpler.`,
      )
    this.#reading.add(expression)
    try {
      const shapes = this.#pruned(this.#read(expression))
      this.#shapes.set(expression, shapes)
      return shapes
    } finally {
      this.#reading.delete(expression)
    }
  }

  #read(expression: Expression): Shapes {
    const { algebra } = this
    switch (expression.kind) {
      case 'anything':
        return algebra.all
      case 'nothing':
        return algebra.none
      case 'shapes':
        return expression.shapes as Shapes
      case 'constant':
        return this.#constant(expression.value)
      case 'not':
        return algebra.not(this.shapesOf(expression.of))
      case 'and':
        return expression.parts.map((part) => this.shapesOf(part)).reduce((a, b) => algebra.and(a, b))
      case 'or':
        return this.#either(expression.parts)
      case 'schema':
        return this.#schema(expression.schema as Schema)
    }
  }

  #schema(schema: Schema): Shapes {
    const { expressions, algebra } = this
    const keywords = new Keywords(schema, expressions, algebra)
    keywords.namesOf = (names) => dfaOf(this.shapesOf(names).strings)
    const parts = keywords.inPlace((reference) => expressions.schema(this.#references.resolve(reference)))
    const whole = parts
      .map((part) => this.shapesOf(part))
      .reduce((a, b) => algebra.and(a, b), keywords.shapes())
    const choices = keywords.oneOf()
    if (!choices) return whole
    // Where two of them can both be met, exactly one is met only when the other is not.
    const exact = choices.map((choice) => {
      const rivals = choices.filter(
        (other) => other !== choice && !this.#impossible(expressions.and(choice, other), 0),
      )
      return expressions.and(choice, ...rivals.map((rival) => expressions.not(rival)))
    })
    const twice = choices.filter((choice, i) => choices.indexOf(choice) !== i)
    return algebra.and(whole, this.#either(exact.filter((_, i) => !twice.includes(choices[i]!))))
  }

  /** Texts that are listed are joined at once: a list of thousands is no more than one automaton. */
  #either(parts: readonly Expression[]): Shapes {
    const texts = parts.flatMap((part) =>
      part.kind === 'constant' && typeof part.value === 'string' ? [part.value] : [],
    )
    const rest = parts.filter((part) => !(part.kind === 'constant' && typeof part.value === 'string'))
    const listed = { ...this.algebra.none, strings: stringsOf(oneOf(texts)) }
    return rest.map((part) => this.shapesOf(part)).reduce((a, b) => this.algebra.or(a, b), listed)
  }

  #constant(value: unknown): Shapes {
    const { algebra, expressions } = this
    const { none, anyArray, anyObject } = algebra
    if (value === null) return { ...none, null: true }
    if (typeof value === 'boolean') return { ...none, true: value, false: !value }
    if (typeof value === 'string') return { ...none, strings: stringsOf(oneOf([value])) }
    if (typeof value === 'number') return { ...none, numbers: exactly(value) }
    const size = Object.keys(value as object).length
    if (Array.isArray(value)) {
      const prefix = value.map((item) => expressions.constant(item))
      return {
        ...none,
        arrays: [{ ...anyArray, prefix, rest: expressions.nothing, least: size, most: size }],
      }
    }
    const properties = new Map(
      Object.entries(value as object).map(([name, member]) => [name, expressions.constant(member)]),
    )
    const layer = { properties, patterns: [], additional: expressions.nothing }
    return {
      ...none,
      objects: [
        { ...anyObject, layers: [layer], required: new Set(properties.keys()), least: size, most: size },
      ],
    }
  }

  /** Without what has a part that is surely impossible. */
  #pruned(shapes: Shapes): Shapes {
    const { arrays, objects } = shapes
    const kept = {
      arrays: arrays.filter((shape) => !this.#impossibleArray(shape, 0)),
      objects: objects.filter((shape) => !this.#impossibleObject(shape, 0)),
    }
    return kept.arrays.length === arrays.length && kept.objects.length === objects.length
      ? shapes
      : { ...shapes, ...kept }
  }

  #impossible(expression: Expression, depth: number): boolean {
    if (expression.kind === 'nothing') return true
    if (depth > DEEP) return false
    try {
      const shapes = this.shapesOf(expression)
      return (
        isScalarless(shapes) &&
        shapes.arrays.every((shape) => this.#impossibleArray(shape, depth + 1)) &&
        shapes.objects.every((shape) => this.#impossibleObject(shape, depth + 1))
      )
    } catch (error) {
      // What is just being read is not known to be impossible.
      if (error instanceof Circular) return false
      throw error
    }
  }

  #impossibleArray(shape: ArrayShape, depth: number): boolean {
    const { least, most } = shape
    return least > most || shape.prefix.slice(0, least).some((item) => this.#impossible(item, depth + 1))
  }
  #impossibleObject(shape: ObjectShape, depth: number): boolean {
    const { least, most, required } = shape
    return (
      Math.max(least, required.size) > most ||
      [...required].some((name) => this.#impossible(this.algebra.memberOf(shape, name), depth + 1))
    )
  }

  /** Find out what can be met: nothing at first, then whatever needs only what can. */
  #settle() {
    const all = new Set<Expression>([this.top])
    for (const expression of all) {
      const { arrays, objects } = this.shapesOf(expression)
      for (const shape of arrays) for (const part of this.#itemsOf(shape)) all.add(part)
      for (const shape of objects) for (const part of this.#membersOf(shape)) all.add(part)
    }
    for (let size = -1; size !== this.#met.size; ) {
      size = this.#met.size
      for (const expression of all)
        if (!this.#met.has(expression) && this.#canBeMet(this.shapesOf(expression))) this.#met.add(expression)
    }
    for (const expression of all)
      for (const shape of this.shapesOf(expression).objects) this.#refuseFewNames(shape)
  }

  /** What some member has to be is given to one whose name nobody knows. @throws {ResponseFormatError} when there is none but others */
  #refuseFewNames(shape: ObjectShape) {
    const { algebra } = this
    if (shape.needs.length === 0 || this.objectCanBe(shape)) return
    const names = [
      ...algebra.declared(shape).map((name) => oneOf([name])),
      ...algebra.otherMembers(shape).map((other) => other.names),
    ]
    if (shape.needs.every((need) => names.some((known) => !isEmpty(bothDfas(known, need.names)))))
      throw new ResponseFormatError(
        'A "not" of members that have few names can\'t be enforced. Say what there may be instead.',
      )
  }

  #itemsOf(shape: ArrayShape): Expression[] {
    const { prefix, rest, contains } = shape
    const { expressions } = this
    const items = [...prefix, rest]
    return items.flatMap((item) => [
      item,
      ...contains.flatMap((kind) => [
        expressions.and(item, kind.item),
        ...(kind.most < Number.POSITIVE_INFINITY ? [expressions.and(item, expressions.not(kind.item))] : []),
      ]),
    ])
  }

  #membersOf(shape: ObjectShape): Expression[] {
    const { expressions, algebra } = this
    const others = algebra.otherMembers(shape).map(({ value }) => value)
    return [
      ...algebra.declared(shape).map((name) => algebra.memberOf(shape, name)),
      ...others,
      ...shape.needs.flatMap(({ value }) => others.map((other) => expressions.and(other, value))),
    ]
  }

  #canBeMet(shapes: Shapes): boolean {
    return (
      !isScalarless(shapes) || shapes.arrays.some(this.arrayCanBe) || shapes.objects.some(this.objectCanBe)
    )
  }

  /** How many items an array can have. */
  mostItems(shape: ArrayShape): number {
    const { prefix, rest, most, unique } = shape
    const blocked = prefix.findIndex((item) => !this.satisfiable(item))
    const room = blocked >= 0 ? blocked : this.satisfiable(rest) ? Number.POSITIVE_INFINITY : prefix.length
    return Math.min(most, room, unique ? this.differentItems(shape) : Number.POSITIVE_INFINITY)
  }

  /** @throws {ResponseFormatError} when items can't be told apart by how they are written */
  differentItems({ prefix, rest, contains, most }: ArrayShape): number {
    if (most < 2) return Number.POSITIVE_INFINITY
    const shapes = this.shapesOf(rest)
    if (prefix.length > 0 || contains.length > 0 || shapes.arrays.length > 0 || shapes.objects.length > 0)
      throw new ResponseFormatError(
        'uniqueItems can be enforced where items are strings, numbers, booleans or null, without prefixItems and contains. ' +
          'Say so in items, or check it afterwards.',
      )
    const singles = [shapes.null, shapes.true, shapes.false].filter(Boolean).length
    return singles + countOf(shapes.strings) + sizeOf(distinct(shapes.numbers))
  }

  arrayCanBe = (shape: ArrayShape): boolean => {
    const { least, contains } = shape
    if (contains.length > 1)
      throw new ResponseFormatError(
        "More than one contains for an array can't be enforced. Use one, or check the others afterwards.",
      )
    const [kind] = contains
    const most = this.mostItems(shape)
    if (!kind) return least <= most
    const possible = kind.least <= this.matchesFrom(shape, 0) && this.forcedFrom(shape, 0) <= kind.most
    return least <= most && possible && kind.least <= kind.most
  }

  /** How many items from a place on can be of the kind that an array contains. */
  matchesFrom(shape: ArrayShape, index: number): number {
    const { prefix, rest, contains } = shape
    const most = this.mostItems(shape)
    const isPossible = (item: Expression) => this.satisfiable(this.expressions.and(item, contains[0]!.item))
    const first = prefix.slice(index, most).filter(isPossible).length
    return first + (isPossible(rest) ? Math.max(0, most - Math.max(index, prefix.length)) : 0)
  }

  /** How many items from a place on that there have to be can be of no other kind. */
  forcedFrom(shape: ArrayShape, index: number): number {
    const { prefix, rest, least, contains } = shape
    const { and, not } = this.expressions
    if (contains[0]!.most === Number.POSITIVE_INFINITY) return 0
    const isForced = (item: Expression) => !this.satisfiable(and(item, not(contains[0]!.item)))
    const first = prefix.slice(index, least).filter(isForced).length
    return first + (isForced(rest) ? Math.max(0, least - Math.max(index, prefix.length)) : 0)
  }

  objectCanBe = (shape: ObjectShape): boolean => {
    const { required, least, most, needs } = shape
    const { algebra, expressions } = this
    const declared = algebra.declared(shape).filter((name) => this.satisfiable(algebra.memberOf(shape, name)))
    if (![...required].every((name) => declared.includes(name))) return false
    const others = algebra.otherMembers(shape)
    for (const need of needs) {
      const found = others.some(
        ({ names, value }) =>
          this.satisfiable(expressions.and(value, need.value)) &&
          sizeOf(bothDfas(names, need.names)) === Number.POSITIVE_INFINITY,
      )
      if (!found) return false
    }
    const more = others
      .filter(({ value }) => this.satisfiable(value))
      .reduce((sum, { names }) => sum + sizeOf(names), 0)
    return declared.length + more >= least && required.size + needs.length <= most
  }
}

/** What is just being read was asked for again. */
class Circular extends ResponseFormatError {
  constructor() {
    super('The schema refers to itself with nothing in between, so that it says nothing.')
  }
}
