/** @file Idefics3 (https://arxiv.org/abs/2408.12637), as transformers' modeling_idefics3.py: the same as SmolVLM. */
import type { Architecture } from '../architecture'
import { SmolVLMConfig } from './configuration'
import { architecture as smolvlm } from './modeling'

export const architecture: Architecture<SmolVLMConfig> = {
  ...smolvlm,
  config: (json) => SmolVLMConfig({ model_type: 'idefics3', ...json }),
}
