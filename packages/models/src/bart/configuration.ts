/** @file `config.json` of BART, key for key as transformers' configuration_bart.py. */
import type { Json } from '../configuration'
import { encoderDecoderConfig } from '../encoder-decoder-configuration'

const defaults = {
  model_type: 'bart',
  max_position_embeddings: 1024,
  vocab_size: 50265,
  classifier_dropout: 0,
  bos_token_id: 0,
  decoder_start_token_id: 2,
  forced_eos_token_id: 2,
  forced_bos_token_id: null as number | null,
}

export type BartConfig = ReturnType<typeof BartConfig>

/** The configuration a `config.json` means; `BartConfig(**json)` in Python. Without a number of labels there are three. */
export function BartConfig(json: Json = {}) {
  const config = encoderDecoderConfig({ ...json, num_labels: json.num_labels ?? 3 }, defaults)
  const forced = json.force_bos_token_to_be_generated === true // how files of summarizers once said it
  return {
    ...config,
    forced_bos_token_id: config.forced_bos_token_id ?? (forced ? config.bos_token_id : null),
  }
}
