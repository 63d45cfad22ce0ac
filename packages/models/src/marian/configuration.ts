/** @file `config.json` of Marian, key for key as transformers' configuration_marian.py. */
import { type Json, refuse } from '../configuration'
import { encoderDecoderConfig } from '../encoder-decoder-configuration'

const defaults = {
  model_type: 'marian',
  max_position_embeddings: 1024,
  vocab_size: 58101,
  decoder_vocab_size: null as number | null,
  pad_token_id: 58100,
  eos_token_id: 0,
  decoder_start_token_id: 58100,
  forced_eos_token_id: 0,
  share_encoder_decoder_embeddings: true,
}

export type MarianConfig = ReturnType<typeof MarianConfig>

/** The configuration a `config.json` means; `MarianConfig(**json)` in Python. A decoder whose words are the encoder's has as many
 * of them. */
export function MarianConfig(json: Json = {}) {
  const config = encoderDecoderConfig(json, defaults)
  if (config.d_model % 2 !== 0) refuse(config, 'd_model', 'an even number, half of it sines, half cosines')
  const own = config.share_encoder_decoder_embeddings ? null : config.decoder_vocab_size
  return { ...config, decoder_vocab_size: own ?? config.vocab_size }
}
