/** @file Where tokens stand: at 0, 1, 2, …, or, in a text that is continued, behind what was read before. */
import { scope } from './scope'
import { apply, arange, type Tensor } from './tensor'

/** The dimension whose end `dim` is, for the attributes of what is derived from it. */
export function endOf(dim: string): { endOf?: string } {
  const { continuation } = scope()
  return continuation?.sequence === dim ? { endOf: continuation.total } : {}
}

/** The position of each token of a text along a named dimension, int32: [sequence], or [batch, sequence] where a text is
 * continued, in which each row may have padding of its own before it. */
export function positions(dim: string): Tensor {
  const { continuation } = scope()
  return continuation?.sequence === dim ? continuation.positions : arange(dim)
}

/** The places of queries [queries, 1] and keys [1, keys] of a text's attention to itself, int32, padding counted.
 * @param dim that of either */
export function places(dim: string): { readonly queries: Tensor; readonly keys: Tensor } {
  const { continuation } = scope()
  const { sequence, total, windows } = continuation ?? {}
  const all = dim === sequence ? total : dim === total || windows?.has(dim) ? dim : undefined
  const keys = arange(all ?? dim)
  const queries = all === undefined ? keys : ending(sequence!, all)
  return { queries: queries.unsqueeze(1), keys: keys.unsqueeze(0) }
}

const ending = (dim: string, total: string) =>
  apply('Derived', [], { dtype: 'int32', shape: [dim] }, { kind: 'arange', dims: [dim], endOf: total })
