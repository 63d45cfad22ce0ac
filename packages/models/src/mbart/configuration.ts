/** @file `config.json` of mBART, key for key as transformers' configuration_mbart.py. */
import type { Json } from '../configuration'
import { encoderDecoderConfig } from '../encoder-decoder-configuration'

const defaults = {
  model_type: 'mbart',
  max_position_embeddings: 1024,
  vocab_size: 50265,
  classifier_dropout: 0,
  bos_token_id: 0,
  forced_eos_token_id: 2,
}

export type MBartConfig = ReturnType<typeof MBartConfig>

/** The configuration a `config.json` means; `MBartConfig(**json)` in Python. */
export const MBartConfig = (json: Json = {}) => encoderDecoderConfig(json, defaults)
