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
import { sinusoids } from '../sinusoids'
import { M2M100Config } from './configuration'

/** What is added to the words of `ids`: positions count the tokens that are not padding, from the one behind the padding's on;
 * padding has none. Texts may be of any length. */
function positionsOf(c: M2M100Config, ids: Tensor): Tensor {
  const half = c.d_model / 2
  const frequencies = Array.from({ length: half }, (_, i) => 10000 ** (-i / (half - 1)))
  const table = sinusoids(String(ids.shape[1]), frequencies, c.pad_token_id + 1)
  const counts = ids.equal(c.pad_token_id).not().cast('int32') // [batch, sequence]
  const rows = counts.cumsum(1).sub(1).mul(counts) // padding reads the first, and nothing of it
  return table.gather(rows).mul(counts.cast('float32').unsqueeze(2))
}

const M2M100Encoder = (c: M2M100Config, embed_tokens: Embedding) =>
  module({ embed_tokens, layers: encoderLayers(c, 'before'), layer_norm: norm(c) }).forward(
    (m, { input_ids, attention_mask }: EncoderInputs) => {
      const embeddings = embed(c, m.embed_tokens, input_ids).add(positionsOf(c, input_ids))
      return encode(c, m.layers, embeddings, attention_mask, m.layer_norm)
    },
  )

const M2M100Decoder = (c: M2M100Config, embed_tokens: Embedding) =>
  module({ embed_tokens, layers: decoderLayers(c, 'before'), layer_norm: norm(c) }).forward(
    (m, ids: Tensor, keep: Tensor, encoded?: Encoded) => {
      const embeddings = embed(c, m.embed_tokens, ids).add(positionsOf(c, ids))
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
