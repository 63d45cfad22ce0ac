/** @file Models that write about images: any encoder of these, any decoder of texts, as transformers'
 * modeling_vision_encoder_decoder.py. */
import { input, linear, module, type Tensor } from '@webformers/graph'
import type { Architecture, Generating, Head, Inputs } from '../architecture'
import { windowTables } from '../swin/windows'
import { type AnySize, type ImageInputs, imageInputs, toldOf } from '../vision-embeddings'
import { VisionEncoderDecoderConfig } from './configuration'
import { decoders, encoders } from './parts'

type PairInputs = ImageInputs & Readonly<Record<'decoder_input_ids' | 'decoder_attention_mask', Tensor>>

/** What the decoder reads is as wide as itself, unless it says another width. */
const VisionEncoderDecoderModel = (whole: VisionEncoderDecoderConfig & AnySize) => {
  const { encoder, decoder, pruned_heads } = whole
  const projected =
    encoder.hidden_size !== decoder.hidden_size && (decoder.cross_attention_hidden_size ?? null) === null
  return module({
    encoder: encoders[encoder.model_type]!.build(toldOf(whole, { ...encoder, pruned_heads })),
    decoder: decoders[decoder.model_type]!.build({ ...decoder, pruned_heads }),
    enc_to_dec_proj: projected ? linear(encoder.hidden_size, decoder.hidden_size) : undefined,
  }).forward((m, inputs: PairInputs) => {
    const { last_hidden_state, hidden_states, attentions } = m.encoder(inputs)
    const states = m.enc_to_dec_proj?.(last_hidden_state) ?? last_hidden_state
    const decoded = m.decoder(inputs.decoder_input_ids, inputs.decoder_attention_mask, { states })
    return {
      logits: decoded.logits,
      decoder_hidden_states: decoded.hidden_states,
      decoder_attentions: decoded.attentions,
      cross_attentions: decoded.cross_attentions,
      encoder_last_hidden_state: last_hidden_state,
      encoder_hidden_states: hidden_states,
      encoder_attentions: attentions,
    }
  })
}

const inputs = (_: Head, c: VisionEncoderDecoderConfig & AnySize): Inputs => ({
  ...imageInputs(toldOf(c, c.encoder)),
  decoder_input_ids: input(['batch', 'decoder_sequence'], 'int32'),
  decoder_attention_mask: input(['batch', 'decoder_sequence'], 'int32'),
})

/** Donut's texts begin with what is to be done. */
const generating = (_: Head, { encoder }: VisionEncoderDecoderConfig): Generating => ({
  config: {},
  decoderAsGiven: encoder.model_type === 'donut-swin',
})

export const architecture: Architecture<VisionEncoderDecoderConfig> = {
  config: VisionEncoderDecoderConfig,
  base_model_prefix: 'vision_encoder_decoder',
  tables: windowTables,
  inputs,
  generating,
  otherHeads: { ForConditionalGeneration: 'Model', ForQuestionAnswering: 'Model' },
  heads: { Model: VisionEncoderDecoderModel },
}
