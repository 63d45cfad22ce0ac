/** @file Where the tokenizers of translation models put the language of a text. */
import { TokenizerError } from '../errors'
import type { TemplateProcessingConfig } from '../post-processors/template'
import type { TokenizerConfig } from '../pretrained/files'
import type { CallOptions } from '../pretrained/options'
import { template } from './template'

/** Whether a text is to be translated, or is what a translation should be. */
export type Direction = 'source' | 'target'

/** What stands before a text and after it. */
type Place = (language: string, eos: string) => readonly [before: readonly string[], after: readonly string[]]

export interface Languages {
  place: (config: TokenizerConfig, direction: Direction) => Place
  /** Where the configuration names none. */
  usual: Partial<Record<Direction, string>>
  /** A language as the vocabulary spells it. */
  code: (language: string) => string
  /** Whether the tokenizer tells a language as it was given, and not as the vocabulary spells it. */
  asGiven?: boolean
  /** Whether a language that the vocabulary lacks is an error, and not the unknown token. */
  strict?: boolean
  /** How a call pads, unless told otherwise. */
  padding?: Pick<CallOptions, 'padding' | 'padToMultipleOf'>
}

const before: Place = (language, eos) => [[language], [eos]]
const after: Place = (language, eos) => [[], [eos, language]]
const beforeBehindEos: Place = (language, eos) => [[eos, language], [eos]]
const asItIs = (language: string) => language
/** `eng` is written `__eng__`. */
const underscored = (language: string) => (language.includes('__') ? language : `__${language}__`)

const languagesOf: Readonly<Record<string, Languages>> = {
  MBartTokenizer: { place: () => after, usual: { source: 'en_XX' }, code: asItIs },
  MBart50Tokenizer: { place: () => before, usual: { source: 'en_XX' }, code: asItIs },
  NllbTokenizer: {
    place: ({ legacy_behaviour }) => (legacy_behaviour ? after : before),
    usual: { source: 'eng_Latn' },
    code: asItIs,
  },
  M2M100Tokenizer: {
    place: () => before,
    usual: { source: 'en' },
    code: underscored,
    asGiven: true,
    strict: true,
  },
  SeamlessM4TTokenizer: {
    place: (_, direction) => (direction === 'source' ? before : beforeBehindEos),
    usual: { source: 'eng', target: 'fra' },
    code: underscored,
    padding: { padding: true, padToMultipleOf: 2 },
  },
}

/** The languages of a class; nothing for one that does not translate. */
export const languagesOfClass = (name: string): Languages | undefined =>
  Object.hasOwn(languagesOf, name) ? languagesOf[name] : undefined

/** What the configuration says, or else the class, as the tokenizer tells it. */
export function languageOf(
  { usual, code, asGiven }: Languages,
  { src_lang, tgt_lang }: TokenizerConfig,
  direction: Direction,
): string | undefined {
  const language = (direction === 'source' ? src_lang : tgt_lang) ?? usual[direction]
  return language === undefined || asGiven ? language : code(language)
}

/**
 * The post-processor for texts of the configuration's language; one that the vocabulary lacks is the unknown token, by
 * its own name.
 * @throws {TokenizerError} when there is no target language, or the vocabulary lacks one that it must have.
 */
export function languageTemplate(
  languages: Languages,
  config: TokenizerConfig,
  direction: Direction,
  { eos = '</s>', unk = '' }: { eos: string | undefined; unk: string | undefined },
  idOf: (token: string) => number,
): TemplateProcessingConfig {
  const told = languageOf(languages, config, direction)
  if (told === undefined)
    throw new TokenizerError('There is no target language. Set tokenizer.tgtLang, such as "fr_XX".')
  const language = languages.code(told)
  if (languages.strict && idOf(language) === idOf(unk))
    throw new TokenizerError(
      `The vocabulary has no language ${JSON.stringify(language)}. Set another as srcLang or tgtLang.`,
    )
  const named = (token: string) => (token !== unk && idOf(token) === idOf(unk) ? unk : token)
  const [first, last] = languages
    .place(config, direction)(language, eos)
    .map((part) => part.map(named))
  return template([...first!, '$A', ...last!], [...first!, '$A', '$B', ...last!], idOf)
}
