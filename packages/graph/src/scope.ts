/** @file What is done besides computing while a model is called: a tracer watches modules, puts masks in, drops entries.
 * Architectures say nothing of it, so that each of them can do it. */
import type { Dim } from './shape'
import type { Tensor } from './tensor'

/** A model that goes on from what it has read: what it computes is the end of a longer text. */
export interface Continuation {
  /** The named dimension of the tokens that are computed. */
  readonly sequence: string
  /** That of all tokens, whose end they are. */
  readonly total: string
  /** Those of the last tokens that layers with windows look at, whose end they are, too. */
  readonly windows: Pick<ReadonlySet<string>, 'has'>
  /** The mask over the keys that layers remember which see a window of so many, [batch, keys]; nothing where they remember all. */
  window?(size: number): Tensor | undefined
  /** Where each token stands in its text, [batch, sequence] int32: padding before a text does not count. */
  readonly positions: Tensor
  /** The ids of all tokens of the prompts, [batch, prompt] int32, for what is computed of them once. */
  readonly prompt: Tensor
  /** What is computed once, before the first token, and comes in again for each; its first dimension is that of the prompts. */
  given(name: string, x: Tensor): Tensor
  /** What an attention looks at besides the keys and values it is given, or instead of them. */
  memory(attention: {
    readonly query: Tensor
    readonly key: Tensor
    readonly value: Tensor
    /** How many heads keys and values have. */
    readonly heads: number
    /** What is added to scores: its last dimension is that of all keys. */
    readonly bias: Tensor | undefined
  }): Memory | undefined
}

/** Keys and values of an attention, [batch, heads, keys, size]. */
export interface KeyValues {
  readonly key: Tensor
  readonly value: Tensor
}

export interface Memory extends KeyValues {
  /** The last ones, where they lie apart: what is added to is copied, so that it had better be short. */
  readonly recent?: KeyValues
  /** Takes what is remembered next: these, or the recent ones, and the new ones. Without it, these are all that the attention looks
   * at. */
  readonly keep?: (present: KeyValues) => void
  /** The dimension of all keys, those that are new among them. */
  readonly keys: Dim
}

/** What a tracer does; it is asked wherever there is something to do. */
export interface Scope {
  /** Told of each call of a module; what it gives takes the place of the result. */
  called?(module: object, inputs: readonly unknown[], result: unknown): unknown
  /** What the weights of an attention are multiplied with: [heads]; attentions ask in the order in which they are made. */
  headMask?(heads: number): Tensor | undefined
  /** What a dropout multiplies with, in the shape of what it drops from; nothing where nothing is dropped. */
  dropout?(like: Tensor['shape'], probability: number): Tensor | undefined
  readonly continuation?: Continuation
}

let current: Scope = {}

/** The scope of the model that is being called. */
export const scope = (): Scope => current

/** Call a model in a scope. Tracing is synchronous, so that no other model's calls come in between. */
export function within<R>(inner: Scope, call: () => R): R {
  const outer = current
  current = inner
  try {
    return call()
  } finally {
    current = outer
  }
}
