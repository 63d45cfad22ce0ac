/** @file BART (https://arxiv.org/abs/1910.13461), as transformers' modeling_bart.py. */
import { module, type Tensor } from '@webformers/graph'
import type { Architecture } from '../architecture'
import {
  decode,
  decoderLayers,
  type Embedding,
  type Encoded,
  embed,
  encode,
  encoderLayers,
  norm,
  positionEmbedding,
  positionsOf,
} from '../encoder-decoder'
import { headConfig } from '../encoder-decoder-configuration'
import {
  causalLanguageModels,
  classifiers,
  type EncoderInputs,
  pairInputs,
  translators,
} from '../encoder-decoder-heads'
import { shiftRight } from '../shift-right'
import { BartConfig } from './configuration'

const BartEncoder = (c: BartConfig, embed_tokens: Embedding) =>
  module({
    embed_tokens,
    embed_positions: positionEmbedding(c),
    layers: encoderLayers(c, 'after'),
    layernorm_embedding: norm(c),
  }).forward((m, { input_ids, attention_mask }: EncoderInputs) => {
    const positions = m.embed_positions(positionsOf(c, 'sequence'))
    const embeddings = m.layernorm_embedding(embed(c, m.embed_tokens, input_ids).add(positions))
    return encode(c, m.layers, embeddings, attention_mask)
  })

const BartDecoder = (c: BartConfig, embed_tokens: Embedding) =>
  module({
    embed_tokens,
    embed_positions: positionEmbedding(c),
    layers: decoderLayers(c, 'after'),
    layernorm_embedding: norm(c),
  }).forward((m, ids: Tensor, keep: Tensor, encoded?: Encoded) => {
    const positions = m.embed_positions(positionsOf(c, String(ids.shape[1])))
    const embeddings = m.layernorm_embedding(embed(c, m.embed_tokens, ids).add(positions))
    return decode(c, m.layers, embeddings, keep, encoded)
  })

const family = {
  Encoder: BartEncoder,
  Decoder: BartDecoder,
  shift: (ids: Tensor, c: BartConfig) => shiftRight(ids, c.decoder_start_token_id),
  finalLogitsBias: true,
}

export const architecture: Architecture<BartConfig> = {
  config: BartConfig,
  headConfig,
  base_model_prefix: 'model',
  inputs: pairInputs,
  aliases: [['decoder.embed_tokens.weight', 'shared.weight']],
  buffers: ['final_logits_bias'],
  decoderStart: 'decoder_start_token_id',
  heads: { ...translators(family), ...causalLanguageModels(family), ...classifiers(family) },
}
