/** @file BLIP (https://arxiv.org/abs/2201.12086), as transformers' modeling_blip.py. */
import {
  activations,
  attention,
  conv2d,
  type HeadAxis,
  input,
  layerNorm,
  linear,
  module,
  parameter,
  type Tensor,
} from '@webformers/graph'
import type { Architecture, Generating, Head, Inputs } from '../architecture'
import { comparison, listsOf } from '../contrastive-towers'
import { headsOf, type PrunedHeads } from '../heads'
import { tokensOfMap } from '../spatial'
import {
  type AnySize,
  behind,
  type ImageInputs,
  imageInputs,
  patchCount,
  positionsFor,
  toldOf,
} from '../vision-embeddings'
import { BlipConfig, type BlipVisionConfig } from './configuration'
import { BlipTextLMHeadModel, BlipTextModel, type TextPart } from './text'

type TextInputs = Readonly<Record<'input_ids' | 'attention_mask', Tensor>>
type PairInputs = ImageInputs & TextInputs
type AnswerInputs = PairInputs & Readonly<Record<'decoder_input_ids' | 'decoder_attention_mask', Tensor>>

const BlipVisionEmbeddings = (c: BlipVisionConfig & AnySize) =>
  module({
    class_embedding: parameter(1, 1, c.hidden_size),
    position_embedding: parameter(1, patchCount(c) + 1, c.hidden_size),
    patch_embedding: conv2d(c.num_channels, c.hidden_size, c.patch_size, { stride: c.patch_size }),
  }).forward((m, { pixel_values }: ImageInputs) => {
    const patches = tokensOfMap(m.patch_embedding(pixel_values))
    return behind([m.class_embedding], patches).add(positionsFor(c, m.position_embedding, 1, pixel_values))
  })

const BlipAttention = (c: BlipVisionConfig, heads: HeadAxis) => {
  const width = heads.kept.length * heads.size
  return module({
    qkv: linear(c.hidden_size, [heads, heads, heads]),
    projection: linear(heads, c.hidden_size),
  }).forward((m, x: Tensor) => {
    const fused = m.qkv(x) // [batch, tokens, 3 × width]
    const [query, key, value] = [0, 1, 2].map((i) => fused.slice(2, i * width, (i + 1) * width))
    const { context, attentions } = attention(query!, key!, value!, {
      heads: heads.kept.length,
      dropout: c.attention_dropout,
    })
    return [m.projection(context), attentions] as const
  })
}

const BlipMLP = (c: BlipVisionConfig) =>
  module({
    fc1: linear(c.hidden_size, c.intermediate_size),
    fc2: linear(c.intermediate_size, c.hidden_size),
  }).forward((m, x: Tensor) => m.fc2(activations[c.hidden_act](m.fc1(x))))

const BlipEncoderLayer = (c: BlipVisionConfig, heads: HeadAxis) =>
  module({
    self_attn: BlipAttention(c, heads),
    layer_norm1: layerNorm(c.hidden_size, c.layer_norm_eps),
    mlp: BlipMLP(c),
    layer_norm2: layerNorm(c.hidden_size, c.layer_norm_eps),
  }).forward((m, x: Tensor) => {
    const [attended, attentions] = m.self_attn(m.layer_norm1(x))
    const sum = attended.add(x)
    return [m.mlp(m.layer_norm2(sum)).add(sum), attentions] as const
  })

const BlipEncoder = (c: BlipVisionConfig, pruned_heads: PrunedHeads) =>
  module({
    layers: Array.from({ length: c.num_hidden_layers }, (_, index) =>
      BlipEncoderLayer(c, headsOf({ ...c, pruned_heads }, index, { stack: 'vision' })),
    ),
  }).forward(({ layers }, embeddings: Tensor) => {
    const hidden_states = [embeddings]
    const attentions: Tensor[] = []
    let hidden = embeddings
    for (const layer of layers) {
      const [output, weights] = layer(hidden)
      hidden = output
      hidden_states.push(hidden)
      attentions.push(weights)
    }
    return { hidden, hidden_states, attentions }
  })

/** What stands for the image is normed twice. */
const BlipVisionModel = (whole: BlipConfig & AnySize) => {
  const { vision_config: c, pruned_heads } = whole
  return module({
    embeddings: BlipVisionEmbeddings(toldOf(whole, c)),
    encoder: BlipEncoder(c, pruned_heads),
    post_layernorm: layerNorm(c.hidden_size, c.layer_norm_eps),
  }).forward((m, inputs: ImageInputs) => {
    const { hidden, hidden_states, attentions } = m.encoder(m.embeddings(inputs))
    const last_hidden_state = m.post_layernorm(hidden)
    const pooler_output = m.post_layernorm(last_hidden_state.at(1, 0))
    return { last_hidden_state, pooler_output, hidden_states, attentions }
  })
}

const encoderPart = ({ text_config: config, pruned_heads }: BlipConfig): TextPart => ({
  config,
  pruned_heads,
  own: 'text',
})
const decoderPart = ({ text_config: config, pruned_heads }: BlipConfig): TextPart => ({
  config,
  pruned_heads,
  own: 'decoder',
  cross: 'cross',
})

const textOf = ({ input_ids: ids, attention_mask: keep }: TextInputs, states?: Tensor) => ({
  ids,
  keep,
  ...(states && { states }),
})

/** The lists of what writes, beside those of the vision model. */
const decoderLists = (lists: Record<'hidden_states' | 'attentions' | 'cross_attentions', Tensor[]>) => ({
  decoder_hidden_states: lists.hidden_states,
  decoder_attentions: lists.attentions,
  cross_attentions: lists.cross_attentions,
})

/** How well each of some images goes with each of some texts. */
const BlipModel = (c: BlipConfig & AnySize) =>
  module({
    logit_scale: parameter(),
    text_model: BlipTextModel(encoderPart(c), { add_pooling_layer: true }),
    vision_model: BlipVisionModel(c),
    visual_projection: linear(c.vision_config.hidden_size, c.projection_dim, { bias: false }),
    text_projection: linear(c.text_config.hidden_size, c.projection_dim, { bias: false }),
  }).forward((m, inputs: PairInputs) => {
    const [vision, text] = [m.vision_model(inputs), m.text_model(textOf(inputs))]
    return comparison(
      { ...text, features: m.text_projection(text.pooler_output!) },
      { ...vision, features: m.visual_projection(vision.pooler_output) },
      (similarity) => similarity.mul(m.logit_scale.exp()),
    )
  })

/** Captions: a text about an image, from its beginning on. */
const BlipForConditionalGeneration = (c: BlipConfig & AnySize) =>
  module({
    vision_model: BlipVisionModel(c),
    text_decoder: BlipTextLMHeadModel(decoderPart(c)),
  }).forward((m, inputs: PairInputs) => {
    const { last_hidden_state, hidden_states, attentions } = m.vision_model(inputs)
    const { logits, ...lists } = m.text_decoder(textOf(inputs, last_hidden_state))
    const image_embeds = last_hidden_state
    return {
      logits,
      image_embeds,
      last_hidden_state,
      hidden_states,
      attentions,
      ...decoderLists(lists),
    }
  })

/** Answers: what writes them looks at the question, and that at the image; all of them, padding too, as in Python. */
const BlipForQuestionAnswering = (c: BlipConfig & AnySize) =>
  module({
    vision_model: BlipVisionModel(c),
    text_encoder: BlipTextModel(encoderPart(c)),
    text_decoder: BlipTextLMHeadModel(decoderPart(c)),
  }).forward((m, inputs: AnswerInputs) => {
    const { last_hidden_state, hidden_states, attentions } = m.vision_model(inputs)
    const question = m.text_encoder(textOf(inputs, last_hidden_state))
    const { logits, ...lists } = m.text_decoder({
      ids: inputs.decoder_input_ids,
      keep: inputs.decoder_attention_mask,
      states: question.last_hidden_state,
    })
    const image_embeds = last_hidden_state
    return {
      logits,
      image_embeds,
      last_hidden_state,
      hidden_states,
      attentions,
      ...listsOf('text', question),
      ...decoderLists(lists),
    }
  })

/** Whether a text belongs to an image. */
const BlipForImageTextRetrieval = (c: BlipConfig & AnySize) =>
  module({
    vision_model: BlipVisionModel(c),
    text_encoder: BlipTextModel(encoderPart(c)),
    vision_proj: linear(c.vision_config.hidden_size, c.image_text_hidden_size),
    text_proj: linear(c.text_config.hidden_size, c.image_text_hidden_size),
    itm_head: linear(c.text_config.hidden_size, 2),
  }).forward((m, inputs: PairInputs) => {
    const { last_hidden_state, hidden_states, attentions } = m.vision_model(inputs)
    const question = m.text_encoder(textOf(inputs, last_hidden_state))
    const question_embeds = question.last_hidden_state
    return {
      itm_score: m.itm_head(question_embeds.at(1, 0)),
      question_embeds,
      last_hidden_state,
      hidden_states,
      attentions,
      ...listsOf('text', question),
    }
  })

function inputs(head: Head, c: BlipConfig & AnySize): Inputs {
  const text = (prefix: string) => ({
    [`${prefix}input_ids`]: input(['batch', `${prefix}sequence`], 'int32'),
    [`${prefix}attention_mask`]: input(['batch', `${prefix}sequence`], 'int32'),
  })
  return {
    ...imageInputs(toldOf(c, c.vision_config), head === 'Model' ? 'images' : 'batch'),
    ...text(''),
    ...(head === 'ForQuestionAnswering' && text('decoder_')),
  }
}

/** Texts begin, end and are padded as the part says that writes them. */
const generating = (head: Head, { text_config: c }: BlipConfig): Generating => ({
  config: {
    bos_token_id: c.bos_token_id,
    decoder_start_token_id: c.bos_token_id,
    eos_token_id: c.sep_token_id,
    pad_token_id: c.pad_token_id,
  },
  closedPrompts: head === 'ForConditionalGeneration',
})

export const architecture: Architecture<BlipConfig> = {
  config: BlipConfig,
  base_model_prefix: 'blip',
  inputs,
  ownStack: 'vision',
  generating,
  heads: {
    Model: BlipModel,
    ForConditionalGeneration: BlipForConditionalGeneration,
    ForQuestionAnswering: BlipForQuestionAnswering,
    ForImageTextRetrieval: BlipForImageTextRetrieval,
  },
}
