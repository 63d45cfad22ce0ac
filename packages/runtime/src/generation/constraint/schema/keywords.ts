/** @file The keywords of JSON Schema, drafts 4 to 2020-12: each is enforced, says nothing of values, or is refused. */
import { ResponseFormatError } from '../../../errors'
import { containing, matching } from '../automata/determine'
import { and as bothDfas, type Dfa } from '../automata/dfa'
import type { Expression, Expressions } from './expressions'
import { FORMATS } from './formats'
import { KeywordValues, type Schema } from './keyword-values'
import { above, atLeast, atMost, below, INTEGERS, multiplesOf, NUMBERS } from './numbers'
import type { ShapeAlgebra } from './shape-algebra'
import { type ArrayShape, type Layer, NO_DFA, type ObjectShape, type Shapes } from './shapes'
import { both, counted, NO_STRINGS, type Strings, stringsOf } from './strings'

/** What says nothing of values. */
const ANNOTATIONS = [
  '$schema',
  '$id',
  'id',
  '$anchor',
  '$defs',
  'definitions',
  '$comment',
  '$vocabulary',
  'title',
  'description',
  'default',
  'examples',
  'example',
  'deprecated',
  'readOnly',
  'writeOnly',
]

const ENFORCED = [
  'type',
  'enum',
  'const',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'pattern',
  'format',
  'items',
  'additionalItems',
  'prefixItems',
  'contains',
  'minContains',
  'maxContains',
  'minItems',
  'maxItems',
  'uniqueItems',
  'properties',
  'required',
  'additionalProperties',
  'patternProperties',
  'propertyNames',
  'minProperties',
  'maxProperties',
  'dependencies',
  'dependentRequired',
  'dependentSchemas',
  'unevaluatedProperties',
  'unevaluatedItems',
  'allOf',
  'anyOf',
  'oneOf',
  'not',
  'if',
  'then',
  'else',
  '$ref',
]
const TYPES = ['null', 'boolean', 'string', 'number', 'integer', 'array', 'object']
/** Keywords that look at the same value through other schemas. */
const IN_PLACE = [
  'allOf',
  'anyOf',
  'oneOf',
  'not',
  'if',
  'then',
  'else',
  '$ref',
  'dependentSchemas',
  'dependencies',
]

/** What a schema's keywords say. Every method throws a ResponseFormatError when a value is none that its keyword can have. */
export class Keywords extends KeywordValues {
  constructor(
    schema: Schema,
    expressions: Expressions,
    readonly algebra: ShapeAlgebra,
  ) {
    super(schema, expressions)
    for (const keyword of Object.keys(schema)) {
      if (ENFORCED.includes(keyword) || ANNOTATIONS.includes(keyword) || keyword.startsWith('x-')) continue
      throw new ResponseFormatError(
        `The schema has the keyword "${keyword}", which can't be enforced. Take it out, and check what it asks for afterwards.`,
      )
    }
  }

  /** What the schema says of each kind of value by itself. */
  shapes(): Shapes {
    const types = this.#types()
    const has = (type: string) => types.includes(type)
    return {
      null: has('null'),
      true: has('boolean'),
      false: has('boolean'),
      strings: has('string') ? this.#strings() : NO_STRINGS,
      numbers: has('number') ? this.#numbers(NUMBERS) : has('integer') ? this.#numbers(INTEGERS) : NO_DFA,
      arrays: has('array') ? [this.#array()] : [],
      objects: has('object') ? [this.#object()] : [],
    }
  }

  #types(): readonly string[] {
    const { type } = this.schema
    if (type === undefined) return TYPES
    const types = Array.isArray(type) ? type : [type]
    if (types.length === 0 || !types.every((each) => TYPES.includes(each)))
      this.wrong('type', `one or several of ${TYPES.join(', ')}`)
    return types
  }

  #numbers(all: Dfa): Dfa {
    const { exclusiveMinimum, exclusiveMaximum } = this.schema
    // In draft 4 they are flags.
    const limit = (keyword: string) =>
      typeof this.schema[keyword] === 'boolean' ? undefined : this.number(keyword)
    const [least, most, over, under] = [
      this.number('minimum'),
      this.number('maximum'),
      limit('exclusiveMinimum'),
      limit('exclusiveMaximum'),
    ]
    const step = this.number('multipleOf')
    if (step !== undefined && step <= 0) this.wrong('multipleOf', 'a number above 0')
    const parts = [
      ...(least === undefined ? [] : [exclusiveMinimum === true ? above(least) : atLeast(least)]),
      ...(most === undefined ? [] : [exclusiveMaximum === true ? below(most) : atMost(most)]),
      ...(over === undefined ? [] : [above(over)]),
      ...(under === undefined ? [] : [below(under)]),
      ...(step === undefined ? [] : [multiplesOf(step)]),
    ]
    return parts.reduce(bothDfas, all)
  }

  #strings(): Strings {
    const { pattern, format } = this.schema
    let strings = counted(this.count('minLength', 0), this.count('maxLength', Number.POSITIVE_INFINITY))
    if (pattern !== undefined) {
      if (typeof pattern !== 'string') this.wrong('pattern', 'a regular expression')
      strings = both(strings, stringsOf(containing(pattern as string)))
    }
    if (format !== undefined) {
      if (typeof format !== 'string' || !Object.hasOwn(FORMATS, format))
        this.wrong('format', `one of ${Object.keys(FORMATS).join(', ')}: others can't be enforced`)
      strings = both(strings, stringsOf(matching(FORMATS[format as string]!)))
    }
    return strings
  }

  #array(): ArrayShape {
    const { items, unevaluatedItems, uniqueItems } = this.schema
    const { anything } = this.expressions
    const tuple = Array.isArray(items)
      ? items.map((item) => this.sub(item, 'items'))
      : this.list('prefixItems')
    const rest = Array.isArray(items) ? this.one('additionalItems') : this.one('items')
    this.#refuseUnevaluated('unevaluatedItems', ['contains'])
    if (uniqueItems !== undefined && typeof uniqueItems !== 'boolean')
      this.wrong('uniqueItems', 'true or false')
    const contains = this.one('contains')
    const least = this.count('minItems', 0)
    return {
      prefix: tuple ?? [],
      rest:
        rest ?? (unevaluatedItems === undefined ? anything : this.sub(unevaluatedItems, 'unevaluatedItems')),
      least,
      most: this.count('maxItems', Number.POSITIVE_INFINITY),
      contains: contains
        ? [
            {
              item: contains,
              least: this.count('minContains', 1),
              most: this.count('maxContains', Number.POSITIVE_INFINITY),
            },
          ]
        : [],
      unique: uniqueItems === true,
    }
  }

  #object(): ObjectShape {
    const { required, unevaluatedProperties } = this.schema
    const { anything } = this.expressions
    this.#refuseUnevaluated('unevaluatedProperties', [])
    const names = this.one('propertyNames')
    const layer: Layer = {
      properties: new Map(this.schemas('properties')),
      patterns: this.schemas('patternProperties').map(([pattern, value]) => ({
        names: containing(pattern),
        value,
      })),
      additional:
        this.one('additionalProperties') ??
        (unevaluatedProperties === undefined
          ? anything
          : this.sub(unevaluatedProperties, 'unevaluatedProperties')),
    }
    const says = layer.properties.size > 0 || layer.patterns.length > 0 || layer.additional !== anything
    return {
      ...this.algebra.anyObject,
      layers: says ? [layer] : [],
      // In draft 3 it is a flag.
      required: new Set(required === undefined ? [] : this.names(required, 'required')),
      names: names ? this.namesOf(names) : this.algebra.anyObject.names,
      least: this.count('minProperties', 0),
      most: this.count('maxProperties', Number.POSITIVE_INFINITY),
    }
  }

  /** The strings that a schema allows; set by whoever knows all shapes. */
  namesOf: (names: Expression) => Dfa = () => this.algebra.anyObject.names

  #refuseUnevaluated(keyword: string, others: readonly string[]) {
    if (this.schema[keyword] === undefined || this.schema[keyword] === true) return
    const beside = [...IN_PLACE, ...others].filter((other) => this.schema[other] !== undefined)
    if (beside.length > 0)
      throw new ResponseFormatError(
        `${keyword} beside ${beside.join(', ')} can't be enforced. Name all that there may be, and set additionalProperties or items to false.`,
      )
  }

  /** What the schema says of a value by other schemas. */
  inPlace(resolve: (reference: string) => Expression): Expression[] {
    const { expressions: e, schema } = this
    const [condition, then = e.anything, otherwise = e.anything] = [
      this.one('if'),
      this.one('then'),
      this.one('else'),
    ]
    const not = this.one('not')
    const any = this.list('anyOf')
    const { $ref: reference, enum: values } = schema
    if (reference !== undefined && typeof reference !== 'string') this.wrong('$ref', 'a reference')
    if (values !== undefined && !Array.isArray(values)) this.wrong('enum', 'a list of values')
    return [
      ...(reference === undefined ? [] : [resolve(reference as string)]),
      ...(Object.hasOwn(schema, 'const') ? [e.constant(schema.const)] : []),
      ...(values === undefined ? [] : [e.or(...(values as unknown[]).map((value) => e.constant(value)))]),
      ...(this.list('allOf') ?? []),
      ...(any ? [e.or(...any)] : []),
      ...(not ? [e.not(not)] : []),
      ...(condition ? [e.or(e.and(condition, then), e.and(e.not(condition), otherwise))] : []),
      ...this.#dependencies(),
    ]
  }

  oneOf(): Expression[] | undefined {
    return this.list('oneOf')
  }

  #dependencies(): Expression[] {
    const { expressions: e } = this
    const requiring = (names: unknown, keyword: string) => this.#having(this.names(names, keyword))
    const needed: readonly (readonly [string, Expression])[] = [
      ...this.map('dependentRequired').map(
        ([name, names]) => [name, requiring(names, 'dependentRequired')] as const,
      ),
      ...this.map('dependencies').map(
        ([name, value]) =>
          [
            name,
            Array.isArray(value) ? requiring(value, 'dependencies') : this.sub(value, 'dependencies'),
          ] as const,
      ),
      ...this.schemas('dependentSchemas'),
    ]
    return needed.map(([name, value]) =>
      e.or(e.not(this.#having([name])), e.and(this.#having([name]), value)),
    )
  }

  /** Objects that have members of these names. */
  #having(names: readonly string[]): Expression {
    const { none, anyObject } = this.algebra
    const key = names.join('\0')
    const shapes = this.#required.get(key) ?? {
      ...none,
      objects: [{ ...anyObject, required: new Set(names) }],
    }
    this.#required.set(key, shapes)
    return this.expressions.shapes(shapes)
  }
  readonly #required = new Map<string, Shapes>()
}
