/** @file OWLv2 (https://arxiv.org/abs/2306.09683), as transformers' modeling_owlv2.py: OWL-ViT with one head more. */
import type { Architecture } from '../architecture'
import type { OwlViTConfig, OwlViTTextConfig, OwlViTVisionConfig } from '../owlvit/configuration'
import { Owlv2ForObjectDetection } from '../owlvit/detection'
import {
  architecture as owlvit,
  textArchitecture as owlvitTexts,
  visionArchitecture as owlvitVision,
} from '../owlvit/modeling'
import { Owlv2Config, Owlv2TextConfig, Owlv2VisionConfig } from './configuration'

/** The tower that reads what to look for, by itself. */
export const textArchitecture: Architecture<OwlViTTextConfig> = {
  ...owlvitTexts,
  config: Owlv2TextConfig,
  base_model_prefix: 'owlv2',
}

/** The tower that sees images, by itself. */
export const visionArchitecture: Architecture<OwlViTVisionConfig> = {
  ...owlvitVision,
  config: Owlv2VisionConfig,
  base_model_prefix: 'owlv2',
}

export const architecture: Architecture<OwlViTConfig> = {
  ...owlvit,
  config: Owlv2Config,
  base_model_prefix: 'owlv2',
  parts: {
    TextModel: { key: 'text_config', model_type: 'owlv2_text_model', head: 'Model' },
    VisionModel: { key: 'vision_config', model_type: 'owlv2_vision_model', head: 'Model' },
  },
  heads: { ...owlvit.heads, ForObjectDetection: Owlv2ForObjectDetection },
}
