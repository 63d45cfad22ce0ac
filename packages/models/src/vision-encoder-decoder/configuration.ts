/** @file `config.json` of a model that writes about images, as transformers' configuration_vision_encoder_decoder.py: those of an
 * encoder and of a decoder. */
import { type Json, type PretrainedConfig, pretrainedConfig, refuse } from '../configuration'
import { expectHeads, layerCount } from '../heads'
import { type DecoderConfig, decoders, type EncoderConfig, encoders } from './parts'

const defaults = { model_type: 'vision-encoder-decoder', is_encoder_decoder: true }

export type VisionEncoderDecoderConfig = ReturnType<typeof VisionEncoderDecoderConfig>

/** The configuration a `config.json` means; `VisionEncoderDecoderConfig(**json)` in Python. What starts, ends and pads texts is the
 * decoder's where the whole says nothing. */
export function VisionEncoderDecoderConfig(json: Json = {}) {
  const filled = pretrainedConfig(json, defaults)
  const encoder = partOf(filled, json, 'encoder', encoders, 'vit') as EncoderConfig
  const decoder = partOf(filled, json, 'decoder', decoders, 'trocr') as DecoderConfig
  const config = {
    ...filled,
    encoder,
    decoder,
    ...Object.fromEntries(TOKENS.map((key) => [key, json[key] ?? (decoder as unknown as Json)[key] ?? null])),
  }
  const layers = decoder.num_hidden_layers
  expectHeads(config, { encoder: layerCount(encoder), decoder: layers, cross: layers })
  return config
}

const TOKENS = ['decoder_start_token_id', 'bos_token_id', 'eos_token_id', 'pad_token_id']

/** A part's configuration, that of a decoder which looks at an encoder. */
function partOf(
  whole: PretrainedConfig,
  json: Json,
  key: 'encoder' | 'decoder',
  known: Readonly<Record<string, { config(json: Json): unknown }>>,
  standard: string,
): unknown {
  const given = (json[key] as Json | undefined) ?? { model_type: standard }
  const part = known[String(given.model_type)]
  if (!part)
    refuse({ ...whole, [key]: given.model_type }, key, `the model_type ${Object.keys(known).join(', ')}`)
  const { pruned_heads: _, ...rest } = given // the whole names them
  return part.config(rest)
}
