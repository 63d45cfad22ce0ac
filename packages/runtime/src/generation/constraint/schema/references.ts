/** @file Where a schema refers to: parts of itself, by place or by name. */
import { ResponseFormatError } from '../../../errors'
import { isObject, type Schema } from './keyword-values'

export class References {
  readonly #named = new Map<string, object>()
  #any = false
  /** A base that a part has of its own. */
  #base: string | undefined

  /** @throws {ResponseFormatError} when references would be read by another base than the whole schema's */
  constructor(readonly root: Schema | boolean) {
    this.#find(root)
    if (this.#any && this.#base !== undefined)
      throw new ResponseFormatError(
        `A part of the schema has the $id ${JSON.stringify(this.#base)}, and references are read by it. Take it out, and refer by #/$defs/…`,
      )
  }

  #find(schema: unknown) {
    if (typeof schema !== 'object' || schema === null) return
    const { $anchor: anchor, $id: id, $ref: reference } = schema as Schema
    if (typeof anchor === 'string') this.#named.set(`#${anchor}`, schema)
    if (typeof reference === 'string') this.#any = true
    if (typeof id === 'string') {
      this.#named.set(id, schema)
      if (schema !== this.root) this.#base = id
    }
    for (const value of Object.values(schema)) this.#find(value)
  }

  /** @throws {ResponseFormatError} when it leads out of the schema, or to what is none */
  resolve(reference: string): Schema | boolean {
    const named = this.#named.get(reference) ?? this.#named.get(reference.replace(/#$/, ''))
    if (named) return named as Schema
    const [base, pointer = ''] = reference.split('#')
    const from = base === '' ? this.root : this.#named.get(base!)
    const steps = pointer.split('/').slice(1)
    const found =
      pointer === '' || pointer.startsWith('/') ? steps.reduce(member, from as unknown) : undefined
    if (typeof found === 'boolean' || isObject(found)) return found
    throw new ResponseFormatError(
      `The schema refers to ${JSON.stringify(reference)}, which is not in it. Other files are not looked up; put what is meant under $defs.`,
    )
  }
}

/** What a step of a pointer leads to. */
function member(value: unknown, step: string): unknown {
  const key = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~')
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Schema)[key]
    : undefined
}
