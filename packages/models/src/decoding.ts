/** @file The Programs that generate: one that reads what the encoder is given, once, and one that goes on from a cache. */
import type { Program, Target, Tensor } from '@webformers/graph'
import type { Architecture, Head } from './architecture'
import { callModel, type Hooks } from './call'
import type { PretrainedConfig } from './configuration'
import { programOf, selected } from './trace'

/** Programs over the same weights, and what goes from one to the other. */
export interface DecodingProgram {
  /** What is computed once of a prompt, where there is an encoder: what the decoder's attentions look up there. */
  readonly encode?: Program
  readonly decode: Program
  /** The inputs of `decode` that hold keys and values, and what takes their place in the next run: an output of it, or none
   * where they stay. */
  readonly cache: readonly CacheEntry[]
  /** The input that holds the new tokens, and the mask over all of them. */
  readonly ids: string
  readonly mask: string
}

export interface CacheEntry {
  readonly past: string
  /** [batch, heads, keys, size] */
  readonly shape: Program['inputs'][string]['shape']
  readonly present?: string
}

/**
 * The Programs that give `outputs` of a head token by token; of the new tokens, those at the places `scored` are scored.
 * @example
 * const { decode, cache } = traceDecoding(llama, 'ForCausalLM', config, ['logits'], target)
 * decode.inputs // { input_ids: [batch, sequence], attention_mask: [batch, total], 'past.0.key': [batch, 3, past, 64], … }
 * cache[0] // { past: 'past.0.key', present: 'present.0.key', shape: ['batch', 3, 'past', 64] }
 * @throws {UnknownArchitectureError} when the architecture has no such head.
 * @throws {GraphError} when the head has no output of that name.
 */
export function traceDecoding(
  architecture: Architecture,
  head: Head,
  config: PretrainedConfig,
  outputs: readonly string[],
  target: Target,
  hooks: Hooks = {},
): DecodingProgram {
  const called = callModel(architecture, head, config, { ...hooks, continuation: true })
  const { own, inputs, presents, encoded } = called.continued!
  const make = (wanted: Readonly<Record<string, Tensor>>, given: Readonly<Record<string, Tensor>>) =>
    programOf({ ...called, inputs: given }, wanted, architecture, head, target)

  const present = (name: string) => name.replace('past', 'present')
  const remembered = Object.fromEntries([...presents].map(([name, x]) => [present(name), x]))
  const ofEncoder = outputs.filter((name) => name.startsWith('encoder_'))
  const ofDecoder = outputs.filter((name) => !ofEncoder.includes(name))
  const ids = 'decoder_input_ids' in own ? 'decoder_input_ids' : 'input_ids'
  return {
    ...(encoded.size > 0 && {
      encode: make({ ...selected(called.outputs, ofEncoder), ...Object.fromEntries(encoded) }, own),
    }),
    decode: make({ ...selected(called.outputs, ofDecoder), ...remembered }, called.inputs),
    cache: [...presents.keys(), ...encoded.keys()].map((past) => ({
      past,
      shape: inputs[past]!.shape,
      ...(presents.has(past) && { present: present(past) }),
    })),
    ids,
    mask: ids.replace('input_ids', 'attention_mask'),
  }
}
