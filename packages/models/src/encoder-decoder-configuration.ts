/** @file What the configurations of BART and its relatives share. */
import type { Activation } from '@webformers/graph'
import type { Head } from './architecture'
import { expectActivation, type Json, type PretrainedConfig, pretrainedConfig, refuse } from './configuration'
import { expectHeads } from './heads'

const defaults = {
  encoder_layers: 12,
  encoder_ffn_dim: 4096,
  encoder_attention_heads: 16,
  decoder_layers: 12,
  decoder_ffn_dim: 4096,
  decoder_attention_heads: 16,
  encoder_layerdrop: 0,
  decoder_layerdrop: 0,
  use_cache: true,
  is_encoder_decoder: true,
  activation_function: 'gelu' as Activation,
  d_model: 1024,
  dropout: 0.1,
  attention_dropout: 0,
  activation_dropout: 0,
  init_std: 0.02,
  scale_embedding: false,
  tie_encoder_decoder: false,
  pad_token_id: 1,
  eos_token_id: 2,
}

const attributeMap = { hidden_size: 'd_model', num_attention_heads: 'encoder_attention_heads' } as const

/** What all of them have; a family adds keys of its own, or other defaults. */
export type EncoderDecoderConfig = PretrainedConfig &
  typeof defaults & {
    readonly vocab_size: number
    readonly hidden_size: number
    readonly num_attention_heads: number
  }

/** That of a model whose positions have a table as long as the longest text. */
export type PositionsConfig = EncoderDecoderConfig & { readonly max_position_embeddings: number }

/**
 * A `config.json` with the defaults of these models filled in and its values checked.
 * @param own the defaults of one family
 * @throws {ConfigurationError} when a value is of another type, or nothing here computes it.
 */
export function encoderDecoderConfig<const D extends { model_type: string; vocab_size: number }>(
  json: Json,
  own: D,
) {
  const { encoder_layers } = pretrainedConfig(json, { ...defaults, ...own }, attributeMap)
  const all = { ...defaults, num_hidden_layers: encoder_layers, ...own }
  const config = pretrainedConfig(json, all, attributeMap)
  expectActivation(config, 'activation_function')
  if (config.tie_encoder_decoder) refuse(config, 'tie_encoder_decoder', 'false')
  for (const key of ['encoder_attention_heads', 'decoder_attention_heads'] as const) {
    if (config.d_model % config[key] !== 0)
      refuse(config, key, `a divisor of d_model, which is ${config.d_model}`)
  }
  const { encoder_layers: encoder, decoder_layers: decoder } = config
  expectHeads(config, { encoder, decoder, cross: decoder })
  return config
}

/** What a head says of itself in the configuration: a decoder that it stands alone, and how many labels a place in a text has. */
export function headConfig(head: Head, { num_labels }: PretrainedConfig): Json {
  if (head === 'ForCausalLM') return { is_decoder: true, is_encoder_decoder: false }
  const spans = head === 'ForQuestionAnswering' && num_labels !== 2
  return spans ? { num_labels: 2, id2label: null, label2id: null } : {}
}
