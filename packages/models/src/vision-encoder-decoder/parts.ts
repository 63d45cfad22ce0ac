/** @file The encoders and decoders that models consist of which write about images. */
import { type Module, module, type Tensor, type Tree } from '@webformers/graph'
import type { Json, PretrainedConfig } from '../configuration'
import { DeiTConfig } from '../deit/configuration'
import { DeiTModel } from '../deit/modeling'
import type { Encoded } from '../encoder-decoder'
import { GPT2Config } from '../gpt2/configuration'
import { GPT2LMHeadModel } from '../gpt2/modeling'
import { MBartConfig } from '../mbart/configuration'
import { architecture as mbart } from '../mbart/modeling'
import { SwinConfig } from '../swin/configuration'
import { DonutSwinModel, SwinModel } from '../swin/modeling'
import { TrOCRConfig } from '../trocr/configuration'
import { TrOCRForCausalLM } from '../trocr/modeling'
import type { ImageInputs } from '../vision-embeddings'
import { ViTConfig } from '../vit/configuration'
import { ViTModel } from '../vit/modeling'

interface Part extends PretrainedConfig {
  readonly hidden_size: number
  readonly num_attention_heads: number | readonly number[]
  readonly num_hidden_layers: number
}
export interface EncoderConfig extends Part {
  readonly image_size: number | readonly [number, number]
  readonly depths?: readonly number[]
  readonly num_channels: number
}
export interface DecoderConfig extends Part {
  readonly vocab_size: number
  readonly cross_attention_hidden_size?: number | null
}
type Encoder = Module &
  ((inputs: ImageInputs) => {
    readonly last_hidden_state: Tensor
    readonly hidden_states: readonly Tensor[]
    readonly attentions: readonly Tensor[]
  })
type Decoder = Module &
  ((
    ids: Tensor,
    keep: Tensor,
    encoded?: Encoded,
  ) => {
    readonly logits: Tensor
    readonly hidden_states: readonly Tensor[]
    readonly attentions: readonly Tensor[]
    readonly cross_attentions?: readonly Tensor[]
  })

/** What an encoder or a decoder of one `model_type` is. Methods, so that those of a particular configuration are those of any. */
interface Kind<C, B> {
  config(json: Json): C
  build(config: C): B
}

const kind = <C, B>(each: Kind<C, B>) => each

export const encoders: Readonly<Record<string, Kind<EncoderConfig, Encoder>>> = {
  deit: kind({ config: DeiTConfig, build: (c) => DeiTModel(c) }),
  'donut-swin': kind({
    config: (json) => SwinConfig({ model_type: 'donut-swin', ...json }),
    build: DonutSwinModel,
  }),
  swin: kind({ config: SwinConfig, build: (c) => SwinModel(c) }),
  vit: kind({ config: ViTConfig, build: (c) => ViTModel(c) }),
}

/** A decoder that takes what it reads by name. */
type Named = { readonly children: Tree } & ((
  inputs: Readonly<Record<'input_ids' | 'attention_mask', Tensor>> &
    Readonly<Partial<Record<'encoder_hidden_states', Tensor>>>,
) => unknown)

/** The same module, told what it reads in turn. */
const inTurn = (named: Named): Decoder =>
  module(named.children).forward((_, input_ids: Tensor, attention_mask: Tensor, encoded?: Encoded) =>
    named({
      input_ids,
      attention_mask,
      ...(encoded && { encoder_hidden_states: encoded.states }),
    }),
  ) as Decoder

export const decoders: Readonly<Record<string, Kind<DecoderConfig, Decoder>>> = {
  gpt2: kind({ config: GPT2Config, build: (c) => inTurn(GPT2LMHeadModel(c, { stack: 'decoder' })) }),
  mbart: kind({ config: MBartConfig, build: (c) => inTurn(mbart.heads.ForCausalLM!(c) as Named) }),
  trocr: kind({ config: TrOCRConfig, build: TrOCRForCausalLM }),
}
