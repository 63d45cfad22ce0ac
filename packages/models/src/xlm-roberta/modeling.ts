/** @file XLM-RoBERTa (https://arxiv.org/abs/1911.02116), as transformers' modeling_xlm_roberta.py: RoBERTa under another name. */
import type { Architecture } from '../architecture'
import { architecture as roberta } from '../roberta/modeling'
import { XLMRobertaConfig } from './configuration'

export {
  RobertaForMaskedLM as XLMRobertaForMaskedLM,
  RobertaForMultipleChoice as XLMRobertaForMultipleChoice,
  RobertaForQuestionAnswering as XLMRobertaForQuestionAnswering,
  RobertaForSequenceClassification as XLMRobertaForSequenceClassification,
  RobertaForTokenClassification as XLMRobertaForTokenClassification,
  RobertaModel as XLMRobertaModel,
} from '../roberta/modeling'

export const architecture: Architecture<XLMRobertaConfig> = { ...roberta, config: XLMRobertaConfig }
