/** @file `config.json` of GPT-2, key for key as transformers' configuration_gpt2.py. */
import type { Activation } from '@webformers/graph'
import { expectActivation, type Json, pretrainedConfig, refuse } from '../configuration'
import { expectHeads } from '../heads'

const defaults = {
  model_type: 'gpt2',
  vocab_size: 50257,
  n_positions: 1024,
  n_embd: 768,
  n_layer: 12,
  n_head: 12,
  n_inner: null as number | null,
  activation_function: 'gelu_new' as Activation,
  resid_pdrop: 0.1,
  embd_pdrop: 0.1,
  attn_pdrop: 0.1,
  layer_norm_epsilon: 1e-5,
  initializer_range: 0.02,
  summary_type: 'cls_index',
  summary_use_proj: true,
  summary_activation: null as string | null,
  summary_proj_to_labels: true,
  summary_first_dropout: 0.1,
  scale_attn_weights: true,
  use_cache: true,
  bos_token_id: 50256,
  eos_token_id: 50256,
  pad_token_id: null as number | null,
  scale_attn_by_inverse_layer_idx: false,
  reorder_and_upcast_attn: false,
  classifier_dropout: null as number | null,
}

const attributeMap = {
  hidden_size: 'n_embd',
  max_position_embeddings: 'n_positions',
  num_attention_heads: 'n_head',
  num_hidden_layers: 'n_layer',
} as const

export type GPT2Config = ReturnType<typeof GPT2Config>

/** The configuration a `config.json` means; `GPT2Config(**json)` in Python. */
export function GPT2Config(json: Json = {}) {
  const config = pretrainedConfig(json, defaults, attributeMap)
  expectActivation(config, 'activation_function')
  const { n_embd, n_head, n_layer } = config
  if (n_embd % n_head !== 0) refuse(config, 'n_head', `a divisor of n_embd, which is ${n_embd}`)
  expectHeads(config, { encoder: n_layer, ...(config.add_cross_attention && { cross: n_layer }) })
  return config
}
