/** @file `config.json` of UMT5, key for key as transformers' configuration_umt5.py. */
import type { Json } from '../configuration'
import { T5Config } from '../t5/configuration'

export type UMT5Config = T5Config

/** The configuration a `config.json` means: T5's but for the defaults. */
export const UMT5Config = (json: Json = {}): UMT5Config =>
  T5Config({
    model_type: 'umt5',
    vocab_size: 250112,
    d_ff: 1024,
    num_layers: 8,
    num_heads: 6,
    feed_forward_proj: 'gated-gelu',
    tokenizer_class: 'T5Tokenizer',
    decoder_start_token_id: 0,
    ...json,
  })
