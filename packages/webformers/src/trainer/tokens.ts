/** @file How many tokens a batch has. */
import type { Batch } from './trainable'

/** @param padding left out where it is given: by the attention mask or, without one, by the padding token */
export function countTokens(
  batch: Batch,
  mainInputName: string,
  padding?: { readonly paddingToken: number | undefined },
): number {
  const { attention_mask: mask, [mainInputName]: tokens } = batch
  if (padding && mask) return sum(mask.data, (value) => value)
  if (!tokens) return 0
  const { paddingToken } = padding ?? {}
  if (paddingToken === undefined) return tokens.data.length
  return sum(tokens.data, (token) => (token === paddingToken ? 0 : 1))
}

function sum(values: ArrayLike<number | bigint>, of: (value: number) => number): number {
  let total = 0
  for (let i = 0; i < values.length; i++) total += of(Number(values[i]))
  return total
}
