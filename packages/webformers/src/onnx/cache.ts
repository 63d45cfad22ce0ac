/** @file The cache of a frozen graph as Python's models hand it out: for each layer its keys, its values, and those of the encoder. */
import { InputError, type PlainTensors } from '@webformers/runtime'
import type { PastKeyValues } from '../inputs'
import type { Tensor } from '../tensor'

/** The layer a tensor of the cache belongs to: 3 of `past_key_values.3.decoder.key`. */
const layerOf = (name: string) => Number(/\.(\d+)/.exec(name)?.[1] ?? 0)

/** The names of the tensors of each layer, in the graph's order; a layer that keeps nothing has none. */
function layersOf(cache: readonly string[]): string[][] {
  const layers: string[][] = []
  for (const name of cache) {
    while (layers.length <= layerOf(name)) layers.push([])
    layers[layerOf(name)]!.push(name)
  }
  return layers
}

export const nestCache = (tensors: PlainTensors, cache: readonly string[]): Tensor[][] =>
  layersOf(cache).map((names) => names.map((name) => tensors[name]!))

/** @throws {InputError} when it is not the cache of such a graph */
export function flattenCache(past: PastKeyValues, cache: readonly string[], what: string): PlainTensors {
  const layers = layersOf(cache)
  const counts = (of: readonly { readonly length: number }[]) => of.map(({ length }) => length).join(', ')
  if (counts(past) !== counts(layers)) {
    throw new InputError(
      cache.length === 0
        ? `${what} takes no past_key_values: it was exported without a cache.`
        : `past_key_values has layers of [${counts(past)}] tensors, but ${what} keeps [${counts(layers)}]. ` +
            'Give back what an earlier call gave.',
    )
  }
  const named = layers.flatMap((names, layer) => names.map((name, i) => [name, past[layer]![i]!] as const))
  return Object.fromEntries(named)
}
