/** @file Marian (https://arxiv.org/abs/1804.00344), the models of OPUS-MT, as transformers' modeling_marian.py. */
import { limit, module, type Tensor } from '@webformers/graph'
import type { Architecture } from '../architecture'
import {
  decode,
  decoderLayers,
  type Embedding,
  type Encoded,
  embed,
  encode,
  encoderLayers,
  wordEmbedding,
} from '../encoder-decoder'
import { headConfig } from '../encoder-decoder-configuration'
import { causalLanguageModels, type EncoderInputs, pairInputs, translators } from '../encoder-decoder-heads'
import { sinusoids } from '../sinusoids'
import { MarianConfig } from './configuration'

/** What is added to the words along a dimension; files that have it as a table have these numbers. */
function positionsOf(c: MarianConfig, dim: string): Tensor {
  const frequencies = Array.from({ length: c.d_model / 2 }, (_, i) => 10000 ** ((-2 * i) / c.d_model))
  return limit(sinusoids(dim, frequencies), 0, c.max_position_embeddings)
}

const MarianEncoder = (c: MarianConfig, embed_tokens: Embedding) =>
  module({ embed_tokens, layers: encoderLayers(c, 'after') }).forward(
    (m, { input_ids, attention_mask }: EncoderInputs) => {
      const embeddings = embed(c, m.embed_tokens, input_ids).add(positionsOf(c, 'sequence'))
      return encode(c, m.layers, embeddings, attention_mask)
    },
  )

const MarianDecoder = (c: MarianConfig, embed_tokens: Embedding) =>
  module({ embed_tokens, layers: decoderLayers(c, 'after') }).forward(
    (m, ids: Tensor, keep: Tensor, encoded?: Encoded) => {
      const embeddings = embed(c, m.embed_tokens, ids).add(positionsOf(c, String(ids.shape[1])))
      return decode(c, m.layers, embeddings, keep, encoded)
    },
  )

/** Two languages may have words of their own. */
function tables(c: MarianConfig) {
  const encoder = wordEmbedding(c)
  if (c.share_encoder_decoder_embeddings) return { shared: encoder, encoder, decoder: encoder }
  return { encoder, decoder: wordEmbedding(c, c.decoder_vocab_size) }
}

const family = { Encoder: MarianEncoder, Decoder: MarianDecoder, tables, finalLogitsBias: true }

export const architecture: Architecture<MarianConfig> = {
  config: MarianConfig,
  headConfig,
  base_model_prefix: 'model',
  inputs: pairInputs,
  aliases: [['decoder.embed_tokens.weight', 'shared.weight']],
  buffers: ['final_logits_bias'],
  heads: { ...translators(family), ...causalLanguageModels(family) },
}
