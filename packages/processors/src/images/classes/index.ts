/** @file The image processors there are: by Python's names of their classes, and by the `model_type` of who uses them. */
import type { ImageProcessorDefinition } from '../definition'
import { DetrImageProcessor, YolosImageProcessor } from './detection'
import { DonutImageProcessor } from './donut'
import {
  BitImageProcessor,
  BlipImageProcessor,
  CLIPImageProcessor,
  ConvNextImageProcessor,
  DeiTImageProcessor,
  DPTImageProcessor,
  MobileNetV2ImageProcessor,
  SegformerImageProcessor,
  SiglipImageProcessor,
  ViTImageProcessor,
} from './one-by-one'
import { OwlViTImageProcessor, Owlv2ImageProcessor } from './owl'
import { Qwen2VLImageProcessor } from './patches'
import { SamImageProcessor } from './sam'
import { Idefics3ImageProcessor, SmolVLMImageProcessor } from './splitting'
import { SuperPointImageProcessor } from './superpoint'
import { VitPoseImageProcessor } from './vitpose'

export const definitions = {
  BitImageProcessor,
  BlipImageProcessor,
  CLIPImageProcessor,
  ConvNextImageProcessor,
  DeiTImageProcessor,
  DetrImageProcessor,
  DonutImageProcessor,
  DPTImageProcessor,
  Idefics3ImageProcessor,
  MobileNetV2ImageProcessor,
  OwlViTImageProcessor,
  Owlv2ImageProcessor,
  Qwen2VLImageProcessor,
  SamImageProcessor,
  SegformerImageProcessor,
  SiglipImageProcessor,
  SmolVLMImageProcessor,
  SuperPointImageProcessor,
  ViTImageProcessor,
  VitPoseImageProcessor,
  YolosImageProcessor,
} as const satisfies Record<string, ImageProcessorDefinition>

export type ImageProcessorName = keyof typeof definitions

/** Whose repositories may not name a class. Like `IMAGE_PROCESSOR_MAPPING_NAMES` in Python. */
const byModelType: Record<string, ImageProcessorName> = {
  bit: 'BitImageProcessor',
  blip: 'BlipImageProcessor',
  'blip-2': 'BlipImageProcessor',
  clip: 'CLIPImageProcessor',
  convnext: 'ConvNextImageProcessor',
  convnextv2: 'ConvNextImageProcessor',
  cvt: 'ConvNextImageProcessor',
  deit: 'DeiTImageProcessor',
  depth_anything: 'DPTImageProcessor',
  detr: 'DetrImageProcessor',
  dinov2: 'BitImageProcessor',
  'donut-swin': 'DonutImageProcessor',
  dpt: 'DPTImageProcessor',
  idefics3: 'Idefics3ImageProcessor',
  mobilenet_v2: 'MobileNetV2ImageProcessor',
  owlv2: 'Owlv2ImageProcessor',
  owlvit: 'OwlViTImageProcessor',
  qwen2_5_vl: 'Qwen2VLImageProcessor',
  qwen2_vl: 'Qwen2VLImageProcessor',
  qwen3_vl: 'Qwen2VLImageProcessor',
  regnet: 'ConvNextImageProcessor',
  resnet: 'ConvNextImageProcessor',
  sam: 'SamImageProcessor',
  segformer: 'SegformerImageProcessor',
  siglip: 'SiglipImageProcessor',
  smolvlm: 'SmolVLMImageProcessor',
  superpoint: 'SuperPointImageProcessor',
  swin: 'ViTImageProcessor',
  swinv2: 'ViTImageProcessor',
  'table-transformer': 'DetrImageProcessor',
  van: 'ConvNextImageProcessor',
  vit: 'ViTImageProcessor',
  vit_mae: 'ViTImageProcessor',
  vit_msn: 'ViTImageProcessor',
  vitpose: 'VitPoseImageProcessor',
  yolos: 'YolosImageProcessor',
}

/** The class of a name, also of one that went before: a `FeatureExtractor`, or a variant of today's in torch or in Pillow. */
export function definitionOf(name: string): ImageProcessorDefinition | undefined {
  const today = name.replace(/(Fast|Pil)$/, '').replace(/FeatureExtractor$/, 'ImageProcessor')
  return Object.hasOwn(definitions, today) ? definitions[today as ImageProcessorName] : undefined
}

export const definitionOfModel = (modelType: unknown): ImageProcessorDefinition | undefined =>
  typeof modelType === 'string' && Object.hasOwn(byModelType, modelType)
    ? definitions[byModelType[modelType]!]
    : undefined
