/** @file What an Oniguruma expression is made of. */

export type Node =
  /** One character out of a set; `set` is written for JavaScript's `v` flag, inside a class or alone. */
  | { type: 'set'; set: string; strings: readonly string[] }
  /** One character that stands for itself, or under `(?i)` for its other cases too. */
  | { type: 'character'; character: string; ignoreCase: boolean }
  | { type: 'sequence'; items: readonly Node[] }
  | { type: 'alternatives'; items: readonly Node[] }
  | { type: 'repeat'; body: Node; min: number; max: number; mode: 'greedy' | 'lazy' | 'possessive' }
  | { type: 'capture'; group: number; body: Node }
  | { type: 'atomic'; body: Node }
  | { type: 'look'; ahead: boolean; negative: boolean; body: Node }
  | { type: 'reference'; to: GroupName; ignoreCase: boolean }
  | { type: 'call'; to: GroupName }
  /** `\G`: where the search began. */
  | { type: 'start' }
  /** An assertion, in JavaScript's own words. */
  | { type: 'assertion'; source: string }

/** A group by its number, or by a name that may be declared further on. */
export type GroupName = number | string

export interface Expression {
  root: Node
  /** Bodies of the groups, by number; the first is 1. */
  groups: readonly (Node | undefined)[]
  names: ReadonlyMap<string, readonly number[]>
}

/** Something of Oniguruma that JavaScript cannot say, or that is no expression at all. */
export class PatternError extends Error {
  override readonly name = 'PatternError'
}

const ORDINARY = /^(?:[0-9A-Za-z]|[^\0-\x7f])$/u

/** A character as both a pattern and a class take it. */
export function literal(character: string): string {
  if (ORDINARY.test(character)) return character
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
}
