/** @file Whisper: byte-level BPE whose texts begin with the language and the task. */
import { TokenizerError } from '../errors'
import type { TemplateProcessingConfig } from '../post-processors/template'
import type { TokenizerConfig } from '../pretrained/files'
import type { TokenizerJson } from '../tokenizer'
import { END, fromVocabJson, gpt2 } from './byte-level'
import { type Part, template } from './template'
import { tokenIds } from './token-ids'
import { type Context, matching, SPECIAL, type TokenizerClass } from './tokenizer-class'
import { languageCode } from './whisper-languages'

const TASKS = ['translate', 'transcribe']

/** `<|startoftranscript|>`, the language, the task, and whether there are no timestamps. */
export function prefixTokens({ language, task, predict_timestamps = false }: TokenizerConfig): string[] {
  const tokens = ['<|startoftranscript|>']
  if (language !== undefined && language !== null) tokens.push(`<|${languageCode(language)}|>`)
  if (task !== undefined && task !== null) {
    if (!TASKS.includes(task))
      throw new TokenizerError(`The task is ${JSON.stringify(task)}, but must be one of ${TASKS.join(', ')}.`)
    tokens.push(`<|${task}|>`)
  }
  if (!predict_timestamps) tokens.push('<|notimestamps|>')
  return tokens
}

/** @throws {TokenizerError} when there is no such language or task. */
export function prefixTemplate(
  config: TokenizerConfig,
  eos: string,
  idOf: (token: string) => number,
): TemplateProcessingConfig {
  const prefix: Part[] = prefixTokens(config)
  return template([...prefix, '$A', eos], [...prefix, '$A', ['$B', 1], [eos, 1]], idOf)
}

function fromWhisper(context: Context): TokenizerJson {
  const json = fromVocabJson(context)
  const { config, roles } = context
  return { ...json, post_processor: prefixTemplate(config, roles.eos_token ?? '', tokenIds(json, context)) }
}

export const whisperClasses: Record<string, TokenizerClass> = {
  WhisperTokenizer: {
    ...gpt2,
    tokens: matching(END, SPECIAL),
    bareTokens: { pad_token: SPECIAL },
    convert: fromWhisper,
  },
}
