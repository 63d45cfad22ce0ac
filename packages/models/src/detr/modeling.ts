/** @file DETR (https://arxiv.org/abs/2005.12872), as transformers' modeling_detr.py. */
import { concat, conv2d, input, linear, module, parameter, product, type Tensor } from '@webformers/graph'
import type { Architecture, Head } from '../architecture'
import { prediction } from '../prediction'
import { ResNetBackbone, resNetChannels } from '../resnet/modeling'
import { resizedTo } from '../spatial'
import { backboneOf, DetrConfig } from './configuration'
import { frozenNorms, withFrozenNorms } from './frozen-norms'
import { DetrDecoder, DetrEncoder } from './layers'
import { LearnedPositions, sinePositions } from './positions'
import { DetrMaskHead, DetrMHAttentionMap } from './segmentation'
import { TimmResNet, timmResNetChannels } from './timm-resnet'

type DetrInputs = Readonly<Record<'pixel_values' | 'pixel_mask', Tensor>>

/** The network that makes features of pixels, and how many channels these have. */
function featuresOf(c: DetrConfig) {
  const backbone = backboneOf(c)
  if (backbone.kind === 'timm')
    return { model: withFrozenNorms(TimmResNet(backbone.plan)), channels: timmResNetChannels(backbone.plan) }
  const resnet = withFrozenNorms(ResNetBackbone(backbone.config))
  const model = module(resnet.children).forward(
    (_, pixel_values: Tensor) => resnet({ pixel_values }).feature_maps,
  )
  return { model, channels: resNetChannels(backbone.config) }
}

/** Features of each stage, and of the last of them where its places lie and which are no padding. */
const DetrConvModel = (c: DetrConfig, { model }: ReturnType<typeof featuresOf>) => {
  const size = c.d_model / 2
  return module({
    conv_encoder: { model },
    position_embedding: c.position_embedding_type === 'learned' ? LearnedPositions(size) : undefined,
  }).forward((m, { pixel_values, pixel_mask }: DetrInputs) => {
    const features = m.conv_encoder.model(pixel_values)
    const last = features.at(-1)!
    const mask = resizedTo(pixel_mask.cast('float32').unsqueeze(1), last, { mode: 'nearest' }).squeeze(1)
    const places = product([last.shape[2]!, last.shape[3]!])
    return {
      features,
      last,
      keep: mask.reshape(mask.shape[0]!, places),
      positions: m.position_embedding?.(mask) ?? sinePositions(mask, size),
    }
  })
}

/** All but what makes objects of queries, and what was on the way. */
const detr = (c: DetrConfig) => {
  const backbone = featuresOf(c)
  return module({
    backbone: DetrConvModel(c, backbone),
    input_projection: conv2d(backbone.channels.at(-1)!, c.d_model, 1),
    query_position_embeddings: { weight: parameter(c.num_queries, c.d_model) },
    encoder: DetrEncoder(c),
    decoder: DetrDecoder(c),
  }).forward((m, inputs: DetrInputs) => {
    const { features, last, keep, positions } = m.backbone(inputs)
    const projected = m.input_projection(last) // [batch, size, height, width]
    const [batch, size, height, width] = projected.shape
    const flat = projected.reshape(batch!, size!, product([height!, width!])).transpose(0, 2, 1)
    const encoded = m.encoder(flat, positions, keep)
    const queries = m.query_position_embeddings.weight.unsqueeze(0).expand(batch!, c.num_queries, c.d_model)
    const decoded = m.decoder(queries, encoded.last_hidden_state, positions, keep)
    return { features, projected, keep, encoded, decoded }
  })
}

type Described = ReturnType<ReturnType<typeof detr>>

/** What all heads give. */
const states = ({ decoded, encoded }: Described) => ({
  last_hidden_state: decoded.last_hidden_state,
  decoder_hidden_states: decoded.hidden_states,
  decoder_attentions: decoded.attentions,
  cross_attentions: decoded.cross_attentions,
  encoder_last_hidden_state: encoded.last_hidden_state,
  encoder_hidden_states: encoded.hidden_states,
  encoder_attentions: encoded.attentions,
})

const stack = (all: readonly Tensor[]) =>
  concat(
    all.map((x) => x.unsqueeze(0)),
    0,
  )

export const DetrModel = (c: DetrConfig) => {
  const whole = detr(c)
  return module(whole.children).forward((_, inputs: DetrInputs) => {
    const found = whole(inputs)
    const { intermediate } = found.decoded
    return {
      ...states(found),
      ...(intermediate.length > 0 && { intermediate_hidden_states: stack(intermediate) }),
    }
  })
}

/** A class, or none, and a box for each query. */
const detection = (c: DetrConfig) => ({
  model: detr(c),
  class_labels_classifier: linear(c.d_model, c.num_labels + 1),
  bbox_predictor: prediction(c.d_model, 4),
})

function detect(m: ReturnType<typeof detection>, inputs: DetrInputs) {
  const found = m.model(inputs)
  const { last_hidden_state, intermediate } = found.decoded
  const [logits, pred_boxes] = objectsOf(m, last_hidden_state)
  if (intermediate.length < 2) return { found, logits, pred_boxes }
  const [auxiliary_logits, auxiliary_boxes] = objectsOf(m, stack(intermediate.slice(0, -1)))
  return { found, logits, pred_boxes, auxiliary_logits, auxiliary_boxes }
}

const objectsOf = (m: ReturnType<typeof detection>, states: Tensor) =>
  [m.class_labels_classifier(states), m.bbox_predictor(states).sigmoid()] as const

export const DetrForObjectDetection = (c: DetrConfig) =>
  module(detection(c)).forward((m, inputs: DetrInputs) => {
    const { found, ...objects } = detect(m, inputs)
    return { ...objects, ...states(found) }
  })

export const DetrForSegmentation = (c: DetrConfig) => {
  const channels = featuresOf(c).channels.slice(0, -1).toReversed()
  return module({
    detr: module(detection(c)).forward(detect),
    mask_head: DetrMaskHead(c, channels),
    bbox_attention: DetrMHAttentionMap(c),
  }).forward((m, inputs: DetrInputs) => {
    const { found, ...objects } = m.detr(inputs)
    const { features, projected, keep, encoded, decoded } = found
    const looks = m.bbox_attention(decoded.last_hidden_state, encoded.last_hidden_state, keep)
    const pred_masks = m.mask_head(projected, looks, features.slice(0, -1).toReversed())
    return { ...objects, pred_masks, ...states(found) }
  })
}

const inputs = (_: Head, c: DetrConfig): DetrInputs => ({
  pixel_values: input(['batch', c.num_channels, 'height', 'width']),
  pixel_mask: input(['batch', 'height', 'width'], 'int32'),
})

export const architecture: Architecture<DetrConfig> = {
  config: DetrConfig,
  base_model_prefix: 'model',
  inputs,
  buffers: frozenNorms,
  // The stem and the first stage of timm's are not trained, of transformers' nothing is, and no norm is.
  frozen: /[.]conv_encoder[.]model[.](?!layer[234][.])|[.](bn\d|downsample[.]1)[.]/,
  otherHeads: { ForImageSegmentation: 'ForSegmentation', ForUniversalSegmentation: 'ForSegmentation' },
  heads: {
    Model: DetrModel,
    ForObjectDetection: DetrForObjectDetection,
    ForSegmentation: DetrForSegmentation,
  },
}
