/** @file What an adapter is for: which new heads are trained with it, and before which texts virtual tokens can stand. */
import type { Head } from '@webformers/models'
import { UnsupportedAdapterError } from './errors'
import type { AdapterPlan } from './plan'

/** The heads that are new, by the task; an adapter saves them whole. */
const NEW_HEADS: Readonly<Record<string, readonly string[]>> = {
  SEQ_CLS: ['classifier', 'score'],
  TOKEN_CLS: ['classifier', 'score'],
  QUESTION_ANS: ['qa_outputs'],
}

/** A new adapter's configuration with the head of its task among the modules to save. */
export function withTask(config: AdapterPlan['config']): AdapterPlan['config'] {
  const heads = NEW_HEADS[String(config.task_type)]
  if (!heads) return config
  const modules_to_save = [...new Set([...((config.modules_to_save as string[] | null) ?? []), ...heads])]
  return { ...config, modules_to_save }
}

/** Heads that read one text whose places mean nothing outside of it. */
const PROMPT_HEADS: readonly Head[] = [
  'Model',
  'EncoderModel',
  'ForCausalLM',
  'ForConditionalGeneration',
  'ForSequenceClassification',
  'ForTokenClassification',
]

/** @throws {UnsupportedAdapterError} */
export function expectPromptHead(head: Head) {
  if (PROMPT_HEADS.includes(head)) return
  throw new UnsupportedAdapterError(
    `Virtual tokens are not supported for ${head}; they are for ${PROMPT_HEADS.join(', ')}. Use an adapter of peftType LORA.`,
  )
}
