/** @file `config.json` of Wav2Vec2, key for key as transformers' configuration_wav2vec2.py. */
import { expectOneOf, type Json } from '../configuration'
import { waveformConfig } from '../waveform-configuration'

const defaults = {
  model_type: 'wav2vec2',
  feat_quantizer_dropout: 0,
  num_codevectors_per_group: 320,
  num_codevector_groups: 2,
  contrastive_logits_temperature: 0.1,
  num_negatives: 100,
  codevector_dim: 256,
  proj_codevector_dim: 256,
  diversity_loss_weight: 0.1,
  tdnn_dim: [512, 512, 512, 512, 1500] as readonly number[],
  tdnn_kernel: [5, 3, 3, 1, 1] as readonly number[],
  tdnn_dilation: [1, 2, 3, 1, 1] as readonly number[],
  xvector_output_dim: 512,
  add_adapter: false,
  adapter_kernel_size: 3,
  adapter_stride: 2,
  num_adapter_layers: 3,
  adapter_attn_dim: null as number | null,
}

export type Wav2Vec2Config = ReturnType<typeof Wav2Vec2Config>

/** The configuration a `config.json` means; `Wav2Vec2Config(**json)` in Python. */
export function Wav2Vec2Config(json: Json = {}) {
  const config = waveformConfig(json, defaults)
  expectOneOf(config, 'add_adapter', [false])
  return { ...config, output_hidden_size: config.hidden_size }
}
