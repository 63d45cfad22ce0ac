/** @file mT5 (https://arxiv.org/abs/2010.11934), as transformers' modeling_mt5.py: T5 under another name. */
import type { Architecture } from '../architecture'
import { architecture as t5 } from '../t5/modeling'
import { MT5Config } from './configuration'

export {
  T5EncoderModel as MT5EncoderModel,
  T5ForConditionalGeneration as MT5ForConditionalGeneration,
  T5ForQuestionAnswering as MT5ForQuestionAnswering,
  T5ForSequenceClassification as MT5ForSequenceClassification,
  T5ForTokenClassification as MT5ForTokenClassification,
  T5Model as MT5Model,
} from '../t5/modeling'

export const architecture: Architecture<MT5Config> = { ...t5, config: MT5Config }
