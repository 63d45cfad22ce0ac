/** @file mBART (https://arxiv.org/abs/2001.08210) and mBART-50, as transformers' modeling_mbart.py. */
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
import { lastId, shiftRight } from '../shift-right'
import { MBartConfig } from './configuration'

const MBartEncoder = (c: MBartConfig, embed_tokens: Embedding) =>
  module({
    embed_tokens,
    embed_positions: positionEmbedding(c),
    layers: encoderLayers(c, 'before'),
    layernorm_embedding: norm(c),
    layer_norm: norm(c),
  }).forward((m, { input_ids, attention_mask }: EncoderInputs) => {
    const positions = m.embed_positions(positionsOf(c, 'sequence'))
    const embeddings = m.layernorm_embedding(embed(c, m.embed_tokens, input_ids).add(positions))
    return encode(c, m.layers, embeddings, attention_mask, m.layer_norm)
  })

const MBartDecoder = (c: MBartConfig, embed_tokens: Embedding) =>
  module({
    embed_tokens,
    embed_positions: positionEmbedding(c),
    layers: decoderLayers(c, 'before'),
    layernorm_embedding: norm(c),
    layer_norm: norm(c),
  }).forward((m, ids: Tensor, keep: Tensor, encoded?: Encoded) => {
    const positions = m.embed_positions(positionsOf(c, String(ids.shape[1])))
    const embeddings = m.layernorm_embedding(embed(c, m.embed_tokens, ids).add(positions))
    return decode(c, m.layers, embeddings, keep, encoded, m.layer_norm)
  })

const family = {
  Encoder: MBartEncoder,
  Decoder: MBartDecoder,
  // The language that ends a text begins it.
  shift: (ids: Tensor, c: MBartConfig) => shiftRight(ids, lastId(ids, c.pad_token_id)),
  finalLogitsBias: true,
}

export const architecture: Architecture<MBartConfig> = {
  config: MBartConfig,
  headConfig,
  base_model_prefix: 'model',
  inputs: pairInputs,
  aliases: [['decoder.embed_tokens.weight', 'shared.weight']],
  buffers: ['final_logits_bias'],
  decoderStart: 'last',
  heads: { ...translators(family), ...causalLanguageModels(family), ...classifiers(family) },
}
