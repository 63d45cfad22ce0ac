/** @file `config.json` of HuBERT, key for key as transformers' configuration_hubert.py. */
import type { Json } from '../configuration'
import { waveformConfig } from '../waveform-configuration'

const defaults = { model_type: 'hubert', feat_proj_layer_norm: true, conv_pos_batch_norm: false }

export type HubertConfig = ReturnType<typeof HubertConfig>

/** The configuration a `config.json` means; `HubertConfig(**json)` in Python. */
export const HubertConfig = (json: Json = {}) => waveformConfig(json, defaults)
