/** @file `translation`: a text in another language, by models of one pair of languages, of many, or of many tasks. */
import type { PreTrainedTokenizer } from '@webformers/tokenizers'
import { OptionError } from '../errors'
import { warnOnce } from '../generation/validation'
import { allTaskParams, type GenerationOptions } from './generation-options'
import type { Context } from './task'
import { OWN, type Text2TextOwnOptions, type TextToText, textToText } from './text2text-generation'

interface TranslationOwnOptions extends Text2TextOwnOptions {
  /** The language of the text as the tokenizer calls it: `en_XX` for mBART, `en` for M2M100, `eng_Latn` for NLLB. Models of many languages need it. */
  srcLang?: string
  /** The language to translate into. */
  tgtLang?: string
}
export interface TranslationOptions extends GenerationOptions, TranslationOwnOptions {}
export type Translation<O> = TextToText<'translation', O, TranslationOptions>

export interface TranslatedText {
  translation_text: string
}

/** The pairs that a model is known for. */
const PAIRS = ['translation_en_to_fr', 'translation_en_to_de', 'translation_en_to_ro']

/** @param task `translation`, or with languages `translation_en_to_de` */
export const translation = (task: string) =>
  textToText<TranslationOwnOptions>({
    name: 'translation',
    standard: PAIRS.includes(task) ? { source: 'google-t5/t5-base', revision: 'a9723ea' } : undefined,
    ownOptions: [...OWN, 'srcLang', 'tgtLang'],
    taskOf,
    further(own, context) {
      const languages = languagesOf(own, context)
      return languages ? { forcedBosTokenId: languages.target } : {}
    },
    prepare(own, context) {
      const languages = languagesOf(own, context)
      if (languages) context.tokenizer.srcLang = languages.source
    },
    check(length, _, maxLength) {
      if (length > 0.9 * maxLength)
        warnOnce(
          `the text has ${length} tokens, and maxLength is ${maxLength}: the translation may be cut off. Ask for a larger maxLength.`,
        )
    },
  })

/** As the model's configuration calls it: of a model of several tasks, the first translation where none was named. */
function taskOf({ task, config }: Context): string {
  if (task !== 'translation') return task
  const first = Object.keys(allTaskParams(config)).find((name) => name.startsWith(task))
  if (first === undefined) return task
  warnOnce(
    `the task is "translation", and ${first} the first that the model's configuration tells of. Name one.`,
  )
  return first
}

/** The language of the text, and the token of the one to translate into; nothing for a tokenizer that has none. */
function languagesOf(
  { srcLang, tgtLang }: TranslationOwnOptions,
  context: Context,
): { source: string; target: number } | undefined {
  const { tokenizer } = context
  if (tokenizer.srcLang === undefined) {
    if (srcLang !== undefined || tgtLang !== undefined)
      warnOnce("srcLang and tgtLang have no effect: this model's tokenizer has no languages.")
    return undefined
  }
  const [, from, to, into, ...rest] = taskOf(context).split('_')
  const named = srcLang === undefined && tgtLang === undefined && to === 'to' && rest.length === 0
  const [source, target] = named ? [from, into] : [srcLang, tgtLang]
  if (source === undefined || target === undefined)
    throw new OptionError(
      `This model translates between many languages. Give srcLang and tgtLang, such as ${languageNames(tokenizer).slice(0, 2).join(' and ')}.`,
    )
  tokenOf(source, tokenizer)
  return { source, target: tokenOf(target, tokenizer) }
}

/** @throws {OptionError} naming the languages there are */
function tokenOf(language: string, tokenizer: PreTrainedTokenizer): number {
  const id = tokenizer.getLangId(language)
  if (id !== undefined) return id
  throw new OptionError(
    `The tokenizer has no language "${language}". It has ${languageNames(tokenizer).join(', ')}.`,
  )
}

const languageNames = ({ additionalSpecialTokens }: PreTrainedTokenizer) =>
  additionalSpecialTokens.map((token) => token.replace(/^__(.+)__$/, '$1'))
