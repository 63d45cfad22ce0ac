/** @file Whisper: byte-level BPE whose texts begin with the language and the task. */
import { TokenizerError } from '../errors'
import type { TokenizerJson } from '../tokenizer'
import { END, fromVocabJson, gpt2 } from './byte-level'
import { type Part, withTemplate } from './template'
import { type Context, matching, SPECIAL, type TokenizerClass } from './tokenizer-class'
import { languageCode } from './whisper-languages'

const TASKS = ['translate', 'transcribe']

/** `<|startoftranscript|>`, the language, the task, and whether there are no timestamps. */
function prefixTokens({ config }: Context): string[] {
  const { language, task, predict_timestamps = false } = config
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

function fromWhisper(context: Context): TokenizerJson {
  const json = fromVocabJson(context)
  const { eos_token: eos = '' } = context.roles
  const prefix: Part[] = prefixTokens(context)
  return withTemplate(json, context, [...prefix, '$A', eos], [...prefix, '$A', ['$B', 1], [eos, 1]])
}

export const whisperClasses: Record<string, TokenizerClass> = {
  WhisperTokenizer: {
    ...gpt2,
    tokens: matching(END, SPECIAL),
    bareTokens: { pad_token: SPECIAL },
    convert: fromWhisper,
  },
}
