/** @file The keys of `adapter_config.json`, their defaults, and those that nothing here computes. */

const common = {
  auto_mapping: null,
  base_model_name_or_path: null,
  inference_mode: true,
  peft_version: '0.21.2',
  revision: null,
  task_type: null,
}

/** As PEFT writes a `LoraConfig`. */
export const loraDefaults = {
  ...common,
  peft_type: 'LORA',
  alora_invocation_tokens: null,
  alpha_pattern: {},
  arrow_config: null,
  bias: 'none',
  corda_config: null,
  ensure_weight_tying: false,
  eva_config: null,
  exclude_modules: null,
  fan_in_fan_out: false,
  init_lora_weights: true,
  kasa_config: null,
  layer_replication: null,
  layers_pattern: null,
  layers_to_transform: null,
  loftq_config: {},
  lora_alpha: 8,
  lora_bias: false,
  lora_dropout: 0,
  lora_ga_config: null,
  megatron_config: null,
  megatron_core: 'megatron.core',
  modules_to_save: null,
  monteclora_config: null,
  qalora_group_size: 16,
  r: 8,
  rank_pattern: {},
  target_modules: null,
  target_parameters: null,
  trainable_token_indices: null,
  use_bdlora: null,
  use_dora: false,
  use_qalora: false,
  use_rslora: false,
  velora_config: null,
} as const

/** As PEFT writes a `PromptTuningConfig`. */
export const promptDefaults = {
  ...common,
  peft_type: 'PROMPT_TUNING',
  modules_to_save: null,
  num_attention_heads: null,
  num_layers: null,
  num_transformer_submodules: null,
  num_virtual_tokens: null,
  prompt_tuning_init: 'RANDOM',
  prompt_tuning_init_text: null,
  token_dim: null,
  tokenizer_kwargs: null,
  tokenizer_name_or_path: null,
} as const

/** Options that change what an adapter computes. */
export const refusedOptions: ReadonlySet<string> = new Set([
  'alora_invocation_tokens',
  'arrow_config',
  'corda_config',
  'kasa_config',
  'layer_replication',
  'lora_bias',
  'megatron_config',
  'monteclora_config',
  'target_parameters',
  'trainable_token_indices',
  'use_bdlora',
  'use_dora',
  'use_qalora',
  'velora_config',
])
