/** @file The values of keywords, read as what they have to be. */
import { ResponseFormatError } from '../../../errors'
import type { Expression, Expressions } from './expressions'

export type Schema = Readonly<Record<string, unknown>>

export function isObject(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Every method throws a ResponseFormatError when a value is none that its keyword can have. */
export class KeywordValues {
  constructor(
    readonly schema: Schema,
    readonly expressions: Expressions,
  ) {}

  protected wrong(keyword: string, expected: string): never {
    throw new ResponseFormatError(
      `The schema's ${keyword} is ${JSON.stringify(this.schema[keyword])}, expected ${expected}.`,
    )
  }
  protected sub(value: unknown, keyword: string): Expression {
    if (typeof value === 'boolean' || isObject(value)) return this.expressions.schema(value)
    return this.wrong(keyword, 'a schema')
  }
  protected one(keyword: string): Expression | undefined {
    const value = this.schema[keyword]
    return value === undefined ? undefined : this.sub(value, keyword)
  }
  protected list(keyword: string): Expression[] | undefined {
    const value = this.schema[keyword]
    if (value === undefined) return undefined
    if (!Array.isArray(value) || value.length === 0) return this.wrong(keyword, 'a list of schemas')
    return value.map((each) => this.sub(each, keyword))
  }
  protected map(keyword: string): [string, unknown][] {
    const value = this.schema[keyword]
    if (value === undefined) return []
    return isObject(value) ? Object.entries(value) : this.wrong(keyword, 'an object')
  }
  protected schemas(keyword: string): [string, Expression][] {
    return this.map(keyword).map(([name, value]) => [name, this.sub(value, keyword)])
  }
  protected count(keyword: string, otherwise: number): number {
    const value = this.schema[keyword]
    if (value === undefined) return otherwise
    return Number.isSafeInteger(value) && (value as number) >= 0
      ? (value as number)
      : this.wrong(keyword, 'a whole number from 0 on')
  }
  protected number(keyword: string): number | undefined {
    const value = this.schema[keyword]
    if (value === undefined || Number.isFinite(value)) return value as number | undefined
    return this.wrong(keyword, 'a number')
  }
  protected names(value: unknown, keyword: string): string[] {
    return Array.isArray(value) && value.every((name) => typeof name === 'string')
      ? value
      : this.wrong(keyword, 'a list of names')
  }
}
