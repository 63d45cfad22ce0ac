/** @file What the configurations of decoders share: keys whose null means something, windows, checks. */
import { expectActivation, expectOneOf, type Json, type PretrainedConfig, refuse } from './configuration'
import { expectHeads } from './heads'
import { expectRope, type RopeConfig } from './rope'

/** Layers that see everything before them, and layers that see a window of it. */
export type LayerType = 'full_attention' | 'sliding_attention'

/** One token, several that may end a text, or none. */
export type TokenId = number | readonly number[] | null

/** A key as the file has it, null included, where that is a value of its own and not a default left to Python. */
export const asGiven = <T>(json: Json, key: string, standard: T): T =>
  json[key] === undefined ? standard : (json[key] as T)

/** A number, or null for a thing that is not done. */
export function numberOrNull(json: Json, key: string, standard: number | null): number | null {
  const value = asGiven(json, key, standard)
  if (value !== null && typeof value !== 'number')
    refuse({ model_type: String(json.model_type), ...json }, key, 'a number or null')
  return value
}

/** The special tokens as the file has them; whose padding is not told has none. */
export const specialTokens = (
  json: Json,
  standard: Readonly<Record<'bos' | 'eos' | 'pad', number | null>>,
) => ({
  bos_token_id: asGiven<TokenId>(json, 'bos_token_id', standard.bos),
  eos_token_id: asGiven<TokenId>(json, 'eos_token_id', standard.eos),
  pad_token_id: numberOrNull(json, 'pad_token_id', standard.pad),
})

/** What transformers 5 writes as `rope_parameters` under the names of before. */
export function ropeKeys(json: Json): Json {
  const { rope_parameters, ...rest } = json
  if (typeof rope_parameters !== 'object' || rope_parameters === null) return json
  const { rope_theta = null, partial_rotary_factor = null, ...scaling } = rope_parameters as Json
  const scaled = scaling.rope_type !== undefined && scaling.rope_type !== 'default'
  return { rope_theta, partial_rotary_factor, rope_scaling: scaled ? scaling : null, ...rest }
}

/** The window of each layer; nothing where a layer sees all that comes before. Without `layer_types`, all layers are alike. */
export const slidingWindows = (c: {
  readonly num_hidden_layers: number
  readonly sliding_window: number | null
  readonly layer_types?: readonly LayerType[]
}): (number | undefined)[] =>
  Array.from({ length: c.num_hidden_layers }, (_, i) =>
    (c.layer_types?.[i] ?? 'sliding_attention') === 'sliding_attention'
      ? (c.sliding_window ?? undefined)
      : undefined,
  )

interface DecoderConfig extends PretrainedConfig, RopeConfig {
  readonly num_hidden_layers: number
  readonly num_key_value_heads: number
  readonly layer_types?: readonly LayerType[]
}

/**
 * Refuse what a decoder may be configured to in Python but is not written here, or what contradicts itself.
 * @throws {ConfigurationError} naming the key.
 */
export function expectDecoder<C extends DecoderConfig>(config: C, activation: keyof C & string) {
  expectActivation(config, activation)
  expectOneOf(config, 'add_cross_attention', [false])
  const { num_attention_heads: heads, num_key_value_heads: shared, num_hidden_layers: layers } = config
  if (heads % shared !== 0)
    refuse(config, 'num_key_value_heads', `a divisor of num_attention_heads, which is ${heads}`)
  if (!config.head_dim && config.hidden_size % heads !== 0)
    refuse(config, 'num_attention_heads', `a divisor of hidden_size, which is ${config.hidden_size}`)
  expectHeads(config, { encoder: layers })
  expectRope(config)
  const types = config.layer_types
  const known = types?.every((type) => type === 'full_attention' || type === 'sliding_attention') ?? true
  if (!known || (types && types.length !== layers))
    refuse(config, 'layer_types', `${layers} of "full_attention" and "sliding_attention"`)
}
