/** @file `config.json` of SuperPoint, key for key as transformers' configuration_superpoint.py. */
import { type Json, pretrainedConfig, refuse } from '../configuration'

const defaults = {
  model_type: 'superpoint',
  encoder_hidden_sizes: [64, 64, 128, 128] as readonly number[],
  decoder_hidden_size: 256,
  keypoint_decoder_dim: 65,
  descriptor_decoder_dim: 256,
  keypoint_threshold: 0.005,
  max_keypoints: -1,
  nms_radius: 4,
  border_removal_distance: 4,
  initializer_range: 0.02,
}
export type SuperPointConfig = ReturnType<typeof SuperPointConfig>

/** Halved so often, an image has a cell for every 8 × 8 pixels. */
const STAGES = 4
/** A score for each pixel of a cell, and for none of them. */
const CELL_SCORES = 65

/** The configuration a `config.json` means; `SuperPointConfig(**json)` in Python. */
export function SuperPointConfig(json: Json = {}) {
  const config = pretrainedConfig(json, defaults)
  if (config.encoder_hidden_sizes.length !== STAGES)
    refuse(config, 'encoder_hidden_sizes', `${STAGES} sizes, one for each stage`)
  if (config.keypoint_decoder_dim !== CELL_SCORES) refuse(config, 'keypoint_decoder_dim', `${CELL_SCORES}`)
  if (!(config.nms_radius >= 0)) refuse(config, 'nms_radius', 'zero or more pixels')
  return config
}
