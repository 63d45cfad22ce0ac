/** @file The attention maps of one sentence: who looks at whom, in every head of every layer. */
import type { Extractor } from './model'

export interface AttentionMaps {
  readonly tokens: readonly string[]
  readonly layers: number
  readonly heads: number
  /** One head's weights, `[tokens, tokens]`: a row is where one token looks, and sums to 1. */
  of(head: Head): Float32Array
}

/** Both counted from 0. */
export interface Head {
  readonly layer: number
  readonly head: number
}

export async function readAttention({ model, tokenizer }: Extractor, text: string): Promise<AttentionMaps> {
  const inputs = tokenizer(text, { truncation: true })
  const { attentions } = await model(inputs, { outputAttentions: true })
  const tokens = tokenizer.convertIdsToTokens(inputs.input_ids).map((token) => token ?? '')
  const size = tokens.length ** 2
  return {
    tokens,
    layers: attentions.length,
    heads: attentions[0]!.shape[1]!,
    of: ({ layer, head }) => attentions[layer]!.data.subarray(head * size, (head + 1) * size),
  }
}

export interface Share {
  readonly name: string
  readonly share: number
}

/** How a head spends its attention on average: on the token before, the same, the one after, the first and the last. */
export function habits(weights: Float32Array, size: number): Share[] {
  const mean = (target: (from: number) => number) => {
    let sum = 0
    for (let from = 0; from < size; from++) sum += weights[from * size + target(from)] ?? 0
    return sum / size
  }
  const neighbour = (offset: number) =>
    mean((from) => (from + offset >= 0 && from + offset < size ? from + offset : Number.NaN))
  return [
    { name: 'token before', share: neighbour(-1) },
    { name: 'same token', share: neighbour(0) },
    { name: 'token after', share: neighbour(1) },
    { name: 'first token', share: mean(() => 0) },
    { name: 'last token', share: mean(() => size - 1) },
  ]
}
