/** @file `config.json` of mT5, key for key as transformers' configuration_mt5.py. */
import type { Json } from '../configuration'
import { T5Config } from '../t5/configuration'

export type MT5Config = T5Config

/** The configuration a `config.json` means: T5's but for the defaults. */
export const MT5Config = (json: Json = {}): MT5Config =>
  T5Config({
    model_type: 'mt5',
    vocab_size: 250112,
    d_ff: 1024,
    num_layers: 8,
    num_heads: 6,
    feed_forward_proj: 'gated-gelu',
    tie_word_embeddings: false,
    tokenizer_class: 'T5Tokenizer',
    decoder_start_token_id: 0,
    ...json,
  })
