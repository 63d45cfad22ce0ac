/**
 * @file The architectures whose GGUF files are read, with what becomes of their keys in a configuration, as in Python's
 * `GGUF_CONFIG_MAPPING`, and of their tensors in a checkpoint.
 */
import { UnsupportedCheckpointError } from '../../errors'
import type { GgufMetadata } from './metadata'
import type { GgufItem, GgufValue } from './values'

/** What is done to a tensor so that it is PyTorch's. */
export type Change = 'heads' | 'joined heads' | 'transpose' | 'minus one'

export interface Family {
  readonly modelType: string
  /** A key after the architecture's name → a key of config.json, or several. */
  readonly keys: Readonly<Record<string, readonly string[]>>
  /** A tensor's name without `.weight` and `.bias` → its module; that of a layer after `blk.N.` → within the layer. */
  readonly modules: Readonly<Record<string, string>>
  readonly layers: string
  readonly inLayer: Readonly<Record<string, string>>
  change(tensor: string): Change | undefined
  /** What config.json says that takes some arithmetic; `value` is of a key after the architecture's name. */
  derived?(
    config: Readonly<Record<string, GgufItem>>,
    value: (key: string) => GgufValue | undefined,
  ): Record<string, GgufItem>
}

const KEYS = {
  context_length: ['max_position_embeddings'],
  block_count: ['num_hidden_layers'],
  feed_forward_length: ['intermediate_size'],
  embedding_length: ['hidden_size'],
  'rope.freq_base': ['rope_theta'],
  'attention.head_count': ['num_attention_heads'],
  'attention.head_count_kv': ['num_key_value_heads'],
  'attention.layer_norm_rms_epsilon': ['rms_norm_eps'],
  vocab_size: ['vocab_size'],
}
const GEMMA_KEYS = {
  ...KEYS,
  'attention.key_length': ['head_dim'],
  'attention.sliding_window': ['sliding_window'],
}

const IN_LAYER = {
  attn_norm: 'input_layernorm',
  attn_q: 'self_attn.q_proj',
  attn_k: 'self_attn.k_proj',
  attn_v: 'self_attn.v_proj',
  attn_output: 'self_attn.o_proj',
  ffn_norm: 'post_attention_layernorm',
  ffn_gate: 'mlp.gate_proj',
  ffn_up: 'mlp.up_proj',
  ffn_down: 'mlp.down_proj',
}
const WITH_NORMS = { ...IN_LAYER, attn_q_norm: 'self_attn.q_norm', attn_k_norm: 'self_attn.k_norm' }
const GEMMA_LAYER = {
  ...WITH_NORMS,
  post_attention_norm: 'post_attention_layernorm',
  ffn_norm: 'pre_feedforward_layernorm',
  post_ffw_norm: 'post_feedforward_layernorm',
}

const decoder = {
  keys: KEYS,
  modules: { token_embd: 'model.embed_tokens', output_norm: 'model.norm', output: 'lm_head' },
  layers: 'model.layers',
  inLayer: IN_LAYER,
  change: () => undefined,
}

/** Gemma multiplies by one more than the weight; the file has that sum. */
const gemma = {
  ...decoder,
  keys: GEMMA_KEYS,
  inLayer: GEMMA_LAYER,
  change: (tensor: string) => (tensor.endsWith('norm.weight') ? ('minus one' as const) : undefined),
}

const llama: Family = {
  ...decoder,
  modelType: 'llama',
  keys: { ...KEYS, 'rope.dimension_count': ['head_dim'] },
  change: (tensor) => (/\.attn_[qk]\./.test(tensor) ? 'heads' : undefined),
}

const families: Readonly<Record<string, Family>> = {
  llama,
  // Python reads none of these files, which llama.cpp writes as those of Llama.
  smollm3: { ...llama, modelType: 'smollm3' },
  qwen2: { ...decoder, modelType: 'qwen2' },
  qwen3: {
    ...decoder,
    modelType: 'qwen3',
    // Python leaves it at 128, and then refuses a model with heads of another size.
    keys: { ...KEYS, 'attention.key_length': ['head_dim'] },
    inLayer: WITH_NORMS,
  },
  phi3: {
    ...decoder,
    modelType: 'phi3',
    inLayer: { ...IN_LAYER, attn_qkv: 'self_attn.qkv_proj', ffn_up: 'mlp.gate_up_proj' },
  },
  gemma2: { ...gemma, modelType: 'gemma2' },
  gemma3: { ...gemma, modelType: 'gemma3_text' },
  gpt2: {
    modelType: 'gpt2',
    keys: {
      block_count: ['n_layer'],
      // Python leaves n_positions at 1024, and then refuses a model that has another number of them.
      context_length: ['n_ctx', 'n_positions'],
      embedding_length: ['n_embd'],
      feed_forward_length: ['feed_forward_length'],
      'attention.head_count': ['n_head'],
      'attention.layer_norm_epsilon': ['layer_norm_epsilon'],
    },
    modules: {
      token_embd: 'transformer.wte',
      position_embd: 'transformer.wpe',
      output_norm: 'transformer.ln_f',
      output: 'lm_head',
    },
    layers: 'transformer.h',
    inLayer: {
      attn_norm: 'ln_1',
      attn_qkv: 'attn.c_attn',
      attn_output: 'attn.c_proj',
      ffn_norm: 'ln_2',
      ffn_up: 'mlp.c_fc',
      ffn_down: 'mlp.c_proj',
    },
    change: (tensor) =>
      /\.(attn_qkv|attn_output|ffn_up|ffn_down)\.weight$/.test(tensor) ? 'transpose' : undefined,
  },
  // Python reads none of these files.
  gptneox: {
    modelType: 'gpt_neox',
    keys: {
      block_count: ['num_hidden_layers'],
      context_length: ['max_position_embeddings'],
      embedding_length: ['hidden_size'],
      feed_forward_length: ['intermediate_size'],
      'attention.head_count': ['num_attention_heads'],
      'attention.layer_norm_epsilon': ['layer_norm_eps'],
      use_parallel_residual: ['use_parallel_residual'],
    },
    modules: {
      token_embd: 'gpt_neox.embed_in',
      output_norm: 'gpt_neox.final_layer_norm',
      output: 'embed_out',
    },
    layers: 'gpt_neox.layers',
    inLayer: {
      attn_norm: 'input_layernorm',
      attn_qkv: 'attention.query_key_value',
      attn_output: 'attention.dense',
      ffn_norm: 'post_attention_layernorm',
      ffn_up: 'mlp.dense_h_to_4h',
      ffn_down: 'mlp.dense_4h_to_h',
    },
    change: (tensor) => (tensor.includes('.attn_qkv.') ? 'joined heads' : undefined),
    derived: ({ hidden_size, num_attention_heads }, value): Record<string, GgufItem> => {
      const rotated = value('rope.dimension_count')
      if (rotated === undefined) return {}
      return { rotary_pct: (Number(rotated) * Number(num_attention_heads)) / Number(hidden_size) }
    },
  },
}

/** @throws {UnsupportedCheckpointError} when the architecture is none of those above. */
export function familyOf({ file, values }: GgufMetadata): { architecture: string; family: Family } {
  const architecture = values.get('general.architecture')
  const known = typeof architecture === 'string' && Object.hasOwn(families, architecture)
  if (!known)
    throw new UnsupportedCheckpointError(
      `"${file}" is of architecture ${JSON.stringify(architecture)}, which is not read here from GGUF. Known: ${Object.keys(families).join(', ')}. Load the model's safetensors instead.`,
    )
  const family = families[architecture]!
  // As llama.cpp has it, Mistral is a Llama; only its name tells it.
  const isMistral = architecture === 'llama' && values.get('general.name') === 'mistral'
  return { architecture, family: isMistral ? { ...family, modelType: 'mistral' } : family }
}

const TENSOR = /^(?:blk\.(\d+)\.)?([a-z_]+)\.(weight|bias)$/

/** A tensor's name in a PyTorch checkpoint; nothing where the model has no use for it. */
export function pytorchName({ modules, layers, inLayer }: Family, tensor: string): string | undefined {
  const [, layer, name, kind] = TENSOR.exec(tensor) ?? []
  if (name === undefined) return undefined
  const table = layer === undefined ? modules : inLayer
  if (!Object.hasOwn(table, name)) return undefined
  return `${layer === undefined ? '' : `${layers}.${layer}.`}${table[name]}.${kind}`
}
