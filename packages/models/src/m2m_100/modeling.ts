/** @file M2M100 (https://arxiv.org/abs/2010.11125) and NLLB-200, as transformers' modeling_m2m_100.py. */
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
} from '../encoder-decoder'
import { type EncoderInputs, pairInputs, translators } from '../encoder-decoder-heads'
import { countedSinusoids } from '../sinusoids'
import { M2M100Config } from './configuration'

const M2M100Encoder = (c: M2M100Config, embed_tokens: Embedding) =>
  module({ embed_tokens, layers: encoderLayers(c, 'before'), layer_norm: norm(c) }).forward(
    (m, { input_ids, attention_mask }: EncoderInputs) => {
      const embeddings = embed(c, m.embed_tokens, input_ids).add(countedSinusoids(c, input_ids))
      return encode(c, m.layers, embeddings, attention_mask, m.layer_norm)
    },
  )

const M2M100Decoder = (c: M2M100Config, embed_tokens: Embedding) =>
  module({ embed_tokens, layers: decoderLayers(c, 'before'), layer_norm: norm(c) }).forward(
    (m, ids: Tensor, keep: Tensor, encoded?: Encoded) => {
      const embeddings = embed(c, m.embed_tokens, ids).add(countedSinusoids(c, ids))
      return decode(c, m.layers, embeddings, keep, encoded, m.layer_norm)
    },
  )

const family = { Encoder: M2M100Encoder, Decoder: M2M100Decoder, finalLogitsBias: false }

export const architecture: Architecture<M2M100Config> = {
  config: M2M100Config,
  base_model_prefix: 'model',
  inputs: pairInputs,
  heads: translators(family),
}
