/** @file TrOCR's decoder (https://arxiv.org/abs/2109.10282), as transformers' modeling_trocr.py: BART's, without its encoder. */
import { linear, module, type Tensor } from '@webformers/graph'
import {
  decode,
  decoderLayers,
  type Encoded,
  embed,
  norm,
  positionEmbedding,
  positionsOf,
  wordEmbedding,
} from '../encoder-decoder'
import { countedSinusoids } from '../sinusoids'
import type { TrOCRConfig } from './configuration'

const TrOCRDecoder = (c: TrOCRConfig) =>
  module({
    embed_tokens: wordEmbedding(c),
    embed_positions: c.use_learned_position_embeddings ? positionEmbedding(c) : undefined,
    layernorm_embedding: c.layernorm_embedding ? norm(c) : undefined,
    layers: decoderLayers(c, 'after', { crossWidth: c.cross_attention_hidden_size ?? c.d_model }),
  }).forward((m, ids: Tensor, keep: Tensor, encoded?: Encoded) => {
    const positions = m.embed_positions?.(positionsOf(c, String(ids.shape[1]))) ?? countedSinusoids(c, ids)
    const embeddings = embed(c, m.embed_tokens, ids).add(positions)
    return decode(c, m.layers, m.layernorm_embedding?.(embeddings) ?? embeddings, keep, encoded)
  })

/** What comes next in a text, given what an encoder saw. */
export const TrOCRForCausalLM = (c: TrOCRConfig) => {
  const decoder = TrOCRDecoder(c)
  const tied = c.tie_word_embeddings ? decoder.children.embed_tokens.children.weight : undefined
  return module({
    model: module({ decoder }).forward((m, ids: Tensor, keep: Tensor, encoded?: Encoded) =>
      m.decoder(ids, keep, encoded),
    ),
    output_projection: linear(c.d_model, c.vocab_size, { bias: false, tied }),
  }).forward((m, ids: Tensor, keep: Tensor, encoded?: Encoded) => {
    const { last_hidden_state, ...lists } = m.model(ids, keep, encoded)
    return { logits: m.output_projection(last_hidden_state), ...lists }
  })
}
