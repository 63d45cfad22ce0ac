/** @file `config.json` of DeiT, key for key as transformers' configuration_deit.py: ViT's keys. */
import type { Json } from '../configuration'
import { ViTConfig } from '../vit/configuration'

/** The configuration a `config.json` means; `DeiTConfig(**json)` in Python. */
export const DeiTConfig = (json: Json = {}): ViTConfig => ViTConfig({ model_type: 'deit', ...json })
export type DeiTConfig = ViTConfig
