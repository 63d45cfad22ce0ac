/** @file UMT5 (https://arxiv.org/abs/2304.09151), as transformers' modeling_umt5.py: T5 with positions in each layer. */
import type { Architecture } from '../architecture'
import {
  type Config,
  T5EncoderModel,
  T5ForConditionalGeneration,
  T5ForQuestionAnswering,
  T5ForSequenceClassification,
  T5ForTokenClassification,
  T5Model,
  architecture as t5,
} from '../t5/modeling'
import { UMT5Config } from './configuration'

const inEachLayer = (c: UMT5Config): Config =>
  Object.create(c, { positionsInEachLayer: { value: true } }) as Config

export const UMT5Model = (c: UMT5Config) => T5Model(inEachLayer(c))

export const UMT5EncoderModel = (c: UMT5Config) => T5EncoderModel(inEachLayer(c))

export const UMT5ForConditionalGeneration = (c: UMT5Config) => T5ForConditionalGeneration(inEachLayer(c))

export const UMT5ForSequenceClassification = (c: UMT5Config) => T5ForSequenceClassification(inEachLayer(c))

export const UMT5ForTokenClassification = (c: UMT5Config) => T5ForTokenClassification(inEachLayer(c))

export const UMT5ForQuestionAnswering = (c: UMT5Config) => T5ForQuestionAnswering(inEachLayer(c))

export const architecture: Architecture<UMT5Config> = {
  ...t5,
  config: UMT5Config,
  heads: {
    Model: UMT5Model,
    EncoderModel: UMT5EncoderModel,
    ForConditionalGeneration: UMT5ForConditionalGeneration,
    ForSequenceClassification: UMT5ForSequenceClassification,
    ForTokenClassification: UMT5ForTokenClassification,
    ForQuestionAnswering: UMT5ForQuestionAnswering,
  },
}
