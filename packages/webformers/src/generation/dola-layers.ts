/** @file Which layers DoLa contrasts with the last one. */
import { OptionError } from '../errors'
import type { GenerationValues } from './values'

/** What of a model's configuration decides it. */
export interface Layered {
  readonly num_hidden_layers?: number
  readonly tie_word_embeddings?: boolean
}

/** The places of hidden states, the embeddings' first. Like `_dola_decoding` in Python.
 * @example dolaLayers('low', { num_hidden_layers: 30, tie_word_embeddings: true }) // [2, 4, 6, 8, 10, 12, 14]
 * @throws {OptionError} when there is none */
export function dolaLayers(
  wanted: NonNullable<GenerationValues['dola_layers']>,
  { num_hidden_layers: last = 0, tie_word_embeddings: tied = true }: Layered,
): number[] {
  const found =
    typeof wanted === 'object' ? wanted.filter((layer) => layer < last) : range(wanted, last, tied)
  if (found.length > 0) return found
  throw new OptionError(
    `dolaLayers is ${JSON.stringify(wanted)}, which are no layers before the last one, ${last}, of this model.`,
  )
}

function range(wanted: 'low' | 'high', last: number, tied: boolean): number[] {
  const half = Math.floor(last / 2)
  if (wanted === 'high') return last > 40 ? everySecond(last - 20, last) : everySecond(half, last)
  // With tied weights, the embeddings' own scores say what was read.
  const first = tied ? Math.max(0, Math.min(2, last - 1)) : 0
  if (first === half) return [first]
  return everySecond(first, last > 40 ? 20 : half)
}

const everySecond = (from: number, to: number) =>
  Array.from({ length: Math.ceil((to - from) / 2) }, (_, i) => from + 2 * i)
