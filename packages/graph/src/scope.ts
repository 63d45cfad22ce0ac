/** @file What is done besides computing while a model is called: a tracer watches modules, puts masks in, drops entries.
 * Architectures say nothing of it, so that each of them can do it. */
import type { Tensor } from './tensor'

/** What a tracer does; it is asked wherever there is something to do. */
export interface Scope {
  /** Told of each call of a module; what it gives takes the place of the result. */
  called?(module: object, inputs: readonly unknown[], result: unknown): unknown
  /** What the weights of an attention are multiplied with: [heads]; attentions ask in the order in which they are made. */
  headMask?(heads: number): Tensor | undefined
  /** What a dropout multiplies with, in the shape of what it drops from; nothing where nothing is dropped. */
  dropout?(like: Tensor['shape'], probability: number): Tensor | undefined
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
