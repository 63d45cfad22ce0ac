/** @file `config.json` of CamemBERT, key for key as transformers' configuration_camembert.py. */
import type { Json } from '../configuration'
import { RobertaConfig } from '../roberta/configuration'

export type CamembertConfig = RobertaConfig

/** The configuration a `config.json` means: RoBERTa's but for the default vocabulary. */
export const CamembertConfig = (json: Json = {}): CamembertConfig =>
  RobertaConfig({ model_type: 'camembert', vocab_size: 30522, ...json })
