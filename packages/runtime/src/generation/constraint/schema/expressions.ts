/** @file Schemas and what is made of them by and, or, not. Equal expressions are one object. */

export type Expression = Readonly<{ id: number }> &
  (
    | { readonly kind: 'anything' | 'nothing' }
    | { readonly kind: 'schema'; readonly schema: object }
    | { readonly kind: 'constant'; readonly value: unknown }
    | { readonly kind: 'shapes'; readonly shapes: unknown }
    | { readonly kind: 'not'; readonly of: Expression }
    | { readonly kind: 'and' | 'or'; readonly parts: readonly Expression[] }
  )

type Given<T> = T extends unknown ? Omit<T, 'id'> : never

export class Expressions {
  readonly #known = new Map<unknown, Expression>()
  #count = 0
  readonly anything = this.#make('anything', { kind: 'anything' })
  readonly nothing = this.#make('nothing', { kind: 'nothing' })

  #make(key: unknown, given: Given<Expression>): Expression {
    const known = this.#known.get(key)
    if (known) return known
    this.#count += 1
    const made = { ...given, id: this.#count } as Expression
    this.#known.set(key, made)
    return made
  }

  schema(schema: object | boolean): Expression {
    if (typeof schema === 'boolean') return schema ? this.anything : this.nothing
    return this.#make(schema, { kind: 'schema', schema })
  }
  constant(value: unknown): Expression {
    return this.#make(`constant ${JSON.stringify(value)}`, { kind: 'constant', value })
  }
  shapes(shapes: object): Expression {
    return this.#make(shapes, { kind: 'shapes', shapes })
  }

  not = (of: Expression): Expression => {
    if (of === this.anything) return this.nothing
    if (of === this.nothing) return this.anything
    return of.kind === 'not' ? of.of : this.#make(`not ${of.id}`, { kind: 'not', of })
  }
  and = (...given: readonly Expression[]): Expression =>
    this.#joined('and', given, this.anything, this.nothing)
  or = (...given: readonly Expression[]): Expression => this.#joined('or', given, this.nothing, this.anything)

  #joined(
    kind: 'and' | 'or',
    given: readonly Expression[],
    neutral: Expression,
    decisive: Expression,
  ): Expression {
    const flat = given.flatMap((part) => (part.kind === kind ? part.parts : [part]))
    const parts = [...new Set(flat)].filter((part) => part !== neutral).sort((a, b) => a.id - b.id)
    const opposed = parts.some((part) => part.kind === 'not' && parts.includes(part.of))
    if (parts.includes(decisive) || opposed) return decisive
    if (parts.length < 2) return parts[0] ?? neutral
    return this.#make(`${kind} ${parts.map(({ id }) => id)}`, { kind, parts })
  }
}
