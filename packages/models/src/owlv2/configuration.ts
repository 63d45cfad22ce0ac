/** @file `config.json` of OWLv2 and of its two towers, key for key as transformers' configuration_owlv2.py. */
import { type Json, pretrainedConfig } from '../configuration'
import {
  defaults,
  OwlViTTextConfig,
  OwlViTVisionConfig,
  textDefaults,
  visionDefaults,
} from '../owlvit/configuration'
import { towerKeys } from '../tower-configuration'

/** The configuration of the tower that reads what to look for; `Owlv2TextConfig(**json)` in Python. */
export const Owlv2TextConfig = (json: Json = {}) =>
  OwlViTTextConfig(json, { ...textDefaults, model_type: 'owlv2_text_model' })

/** The configuration of the tower that sees images; `Owlv2VisionConfig(**json)` in Python. */
export const Owlv2VisionConfig = (json: Json = {}) =>
  OwlViTVisionConfig(json, { ...visionDefaults, model_type: 'owlv2_vision_model', patch_size: 16 })

/** The configuration a `config.json` means; `Owlv2Config(**json)` in Python. */
export const Owlv2Config = (json: Json = {}) =>
  towerKeys(pretrainedConfig(json, { ...defaults, model_type: 'owlv2' }), json, {
    text: Owlv2TextConfig,
    vision: Owlv2VisionConfig,
  })
