/** @file `config.json` of M2M100 and NLLB, key for key as transformers' configuration_m2m_100.py. */
import type { Activation } from '@webformers/graph'
import { type Json, refuse } from '../configuration'
import { encoderDecoderConfig } from '../encoder-decoder-configuration'

const defaults = {
  model_type: 'm2m_100',
  max_position_embeddings: 1024,
  vocab_size: 128112,
  encoder_layerdrop: 0.05,
  decoder_layerdrop: 0.05,
  activation_function: 'relu' as Activation,
  attention_dropout: 0.1,
  decoder_start_token_id: 2,
  scale_embedding: true,
  bos_token_id: 0,
}

export type M2M100Config = ReturnType<typeof M2M100Config>

/** The configuration a `config.json` means; `M2M100Config(**json)` in Python. */
export function M2M100Config(json: Json = {}) {
  const config = encoderDecoderConfig(json, defaults)
  if (config.d_model % 2 !== 0) refuse(config, 'd_model', 'an even number, half of it sines, half cosines')
  return config
}
