/** @file What values there may be, kind by kind. */
import { ANY, type Dfa, isEmpty, without } from '../automata/dfa'
import type { Expression } from './expressions'
import { hasNone, type Strings } from './strings'

/** Values that may be: any of those of each kind. */
export interface Shapes {
  readonly null: boolean
  readonly true: boolean
  readonly false: boolean
  readonly strings: Strings
  readonly numbers: Dfa
  readonly arrays: readonly ArrayShape[]
  readonly objects: readonly ObjectShape[]
}

export interface ArrayShape {
  /** What the first items are, and the others. */
  readonly prefix: readonly Expression[]
  readonly rest: Expression
  readonly least: number
  readonly most: number
  /** How many items have to be of a kind. */
  readonly contains: readonly { readonly item: Expression; readonly least: number; readonly most: number }[]
  readonly unique: boolean
}

/** What one schema says of an object's members. */
export interface Layer {
  readonly properties: ReadonlyMap<string, Expression>
  readonly patterns: readonly { readonly names: Dfa; readonly value: Expression }[]
  /** What all others are. */
  readonly additional: Expression
}

export interface ObjectShape {
  readonly layers: readonly Layer[]
  readonly required: ReadonlySet<string>
  readonly names: Dfa
  readonly least: number
  readonly most: number
  /** Members that there have to be, of whatever name. */
  readonly needs: readonly { readonly names: Dfa; readonly value: Expression }[]
}

export const NO_DFA = without(ANY, ANY)

/** Whether there is no value of any kind, as far as can be told without looking into arrays and objects. */
export const isScalarless = (shapes: Shapes): boolean =>
  !(shapes.null || shapes.true || shapes.false) && hasNone(shapes.strings) && isEmpty(shapes.numbers)
