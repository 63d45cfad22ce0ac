/** @file `config.json` of XLM-RoBERTa, key for key as transformers' configuration_xlm_roberta.py. */
import type { Json } from '../configuration'
import { RobertaConfig } from '../roberta/configuration'

export type XLMRobertaConfig = RobertaConfig

/** The configuration a `config.json` means: RoBERTa's but for the default vocabulary. */
export const XLMRobertaConfig = (json: Json = {}): XLMRobertaConfig =>
  RobertaConfig({ model_type: 'xlm-roberta', vocab_size: 30522, ...json })
