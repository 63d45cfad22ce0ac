/** @file CamemBERT (https://arxiv.org/abs/1911.03894), as transformers' modeling_camembert.py: RoBERTa under another name. */
import type { Architecture } from '../architecture'
import { architecture as roberta } from '../roberta/modeling'
import { CamembertConfig } from './configuration'

export {
  RobertaForMaskedLM as CamembertForMaskedLM,
  RobertaForMultipleChoice as CamembertForMultipleChoice,
  RobertaForQuestionAnswering as CamembertForQuestionAnswering,
  RobertaForSequenceClassification as CamembertForSequenceClassification,
  RobertaForTokenClassification as CamembertForTokenClassification,
  RobertaModel as CamembertModel,
} from '../roberta/modeling'

export const architecture: Architecture<CamembertConfig> = { ...roberta, config: CamembertConfig }
