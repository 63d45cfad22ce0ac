/** @file What a decoder of speech begins with: which language is spoken, and what is to be done with it. */
import { InputError } from '@webformers/runtime'
import { whisperLanguageCode, whisperLanguageNames, whisperLanguages } from '@webformers/tokenizers'
import { OptionError } from '../../errors'
import type { GenerationConfig } from '../configuration'
import { warnOnce } from '../validation'
import type { SpeechSettings } from './options'

const TASKS = ['translate', 'transcribe']

/**
 * The tokens that each sound's text begins with, as many for each. Like `_retrieve_init_tokens`.
 * @param detect finds the language of each sound
 * @throws {OptionError} when a language or a task is not one of the model's
 */
export async function initialTokens(
  settings: SpeechSettings,
  { decoder_start_token_id }: Pick<GenerationConfig, 'decoder_start_token_id'>,
  batch: number,
  detect: () => Promise<readonly number[]>,
): Promise<number[][]> {
  const { own, language, task } = settings
  if (decoder_start_token_id === null)
    throw new InputError('There is no decoderStartTokenId that the decoder could begin with.')
  const start = [decoder_start_token_id, ...forcedTokens(settings)]
  const known = start.length > 1 && start[1] !== null
  const languages = await languagesOf()
  return Array.from({ length: batch }, (_, row) => {
    const tokens: (number | null)[] = [...start]
    if (languages) tokens[1] = languages[row]!
    if (task !== undefined) tokens.push(taskToken(task, settings))
    else if (language !== undefined && own.task_to_id && !tokens.some(isTask))
      tokens.push(own.task_to_id.transcribe!)
    else if (own.task_to_id && !tokens.some(isTask))
      warnOnce(
        "neither the call nor forced_decoder_ids in the model's generation_config.json says which task is to be done. As in Python, the model is told none, and may repeat itself: set task to 'transcribe' or 'translate'.",
      )
    return withTimes(tokens, settings)
  })

  async function languagesOf(): Promise<readonly number[] | undefined> {
    if (Array.isArray(language) && language.length !== batch)
      throw new OptionError(
        `language names ${language.length} languages for ${batch} sounds. Give one for each, or one for all.`,
      )
    if (language !== undefined) {
      const ids = [language].flat().map((each) => languageToken(each, settings))
      return Array.from({ length: batch }, (_, row) => ids[row % ids.length]!)
    }
    return own.lang_to_id && !known ? detect() : undefined
  }

  function isTask(token: number | null) {
    return Object.values(own.task_to_id ?? {}).some((id) => id === token)
  }
}

/** @throws {OptionError} when the model does nothing of that name */
function taskToken(task: string, { own: { task_to_id = {} } }: SpeechSettings): number {
  const id = TASKS.includes(task) ? task_to_id[task] : undefined
  if (id === undefined) throw new OptionError(`task is "${task}", expected one of ${TASKS.join(', ')}.`)
  return id
}

/** What an older file says that texts begin with, where nobody says otherwise. */
function forcedTokens({ own, language, task }: SpeechSettings): (number | null)[] {
  const forced = task === undefined && language === undefined ? (own.forced_decoder_ids ?? []) : []
  if (forced[0]?.[0] !== 1) return []
  const wrong = forced.findIndex(([place], i) => place !== i + 1)
  if (wrong >= 0)
    throw new OptionError(
      `forced_decoder_ids are ${JSON.stringify(forced)}, but nothing is said of place ${wrong + 1}.`,
    )
  return forced.map(([, token]) => token)
}

/** With a token that says that no times are told, or without it where they are. */
function withTimes(
  tokens: (number | null)[],
  { own: { no_timestamps_token_id: none }, return_timestamps }: SpeechSettings,
): number[] {
  const told = tokens.filter((token) => token !== null)
  if (none === undefined || (tokens.at(-1) === none) !== return_timestamps) return told
  return return_timestamps ? told.slice(0, -1) : [...told, none]
}

/** @throws {OptionError} when it is no language, or none of the model's */
function languageToken(name: string, { own: { lang_to_id = {} } }: SpeechSettings): number {
  const language = name.toLowerCase()
  if (Object.hasOwn(lang_to_id, language)) return lang_to_id[language]!
  const code = whisperLanguageCode(language)
  if (code === undefined)
    throw new OptionError(
      `language is "${name}", expected one of ${(language.length === 2 ? Object.keys(whisperLanguages) : whisperLanguageNames).join(', ')}.`,
    )
  const id = lang_to_id[`<|${code}|>`]
  if (id === undefined)
    throw new OptionError(
      `language is "${name}", which this model does not know: it knows ${Object.keys(lang_to_id).join(', ')}.`,
    )
  return id
}
