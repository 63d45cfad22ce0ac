/** @file What `record.py` recorded, for the tests. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { finish } from '@webformers/hub'
import type { PreTrainedTokenizer, TokenizerFiles } from '../src'
import { blueprintOf } from '../src/compiler/blueprint'
import { compileTokenizer, patternsIn } from '../src/compiler/compile-tokenizer'
import { assemble } from '../src/pretrained/assemble'
import { PreTrainedTokenizerMethods } from '../src/pretrained/pretrained-tokenizer'
import { learn, toRegExp } from '../src/text/pattern'
import { Tokenizer, type TokenizerJson } from '../src/tokenizer'

export const read = (path: string): string =>
  readFileSync(new URL(`../fixtures/${path}`, import.meta.url), 'utf8')
export const readJson = <T>(path: string): T => JSON.parse(read(path)) as T

/** The tokenizers of `families/`. */
export const NAMES = [
  'bert-uncased',
  'bert-cased',
  'word-piece',
  'word-level',
  'roberta',
  'roberta-prefix',
  'gpt2',
  'llama3',
  'qwen3',
  'gpt-oss',
  'deepseek',
  'clip',
  'added-tokens',
  'herbert',
  'bpe-prefix',
  'scripts',
  'xlm-roberta',
  'camembert',
  'albert',
  't5',
  'deberta-v2',
  'mbart',
  'xlnet',
  'llama2',
  'tiny-llama',
  'gemma3',
  'unigram-bytes',
] as const
export type Name = (typeof NAMES)[number]

/** A configuration with the map of SentencePiece's normalizer where it belongs; it is stored once. */
export function withCharsmap<T>(config: T): T {
  const text = JSON.stringify(config)
  const empty = '"precompiled_charsmap":""'
  if (!text.includes(empty)) return config
  return JSON.parse(text.replaceAll(empty, `"precompiled_charsmap":"${read('charsmap.txt').trim()}"`)) as T
}

/** What `AutoTokenizer.fromFiles` gives, at once. */
export const tokenizerOf = (files: TokenizerFiles): PreTrainedTokenizer =>
  PreTrainedTokenizerMethods.callable(assemble(finish(blueprintOf(files))))

/** The tokenizer of a tokenizer.json. */
export const backendOf = (json: TokenizerJson): Tokenizer => new Tokenizer(finish(compileTokenizer(json)))

/** A component of a tokenizer.json whose patterns are compiled, as those of a whole one are. */
export function compiled<Component>(component: Component): Component {
  learn(patternsIn(component))
  return component
}

/** The expression of a pattern of Oniguruma's. */
export const regExpOf = (pattern: string): RegExp => toRegExp(compiled({ Regex: pattern }))

/** The files of a recorded tokenizer. */
export const filesOf = (name: Name): TokenizerFiles => ({
  'tokenizer.json': withCharsmap(readJson(`${name}/tokenizer.json`)),
  'tokenizer_config.json': readJson(`${name}/tokenizer_config.json`),
})

/** What stands for a value of which only this is kept. */
export const digest = (value: unknown): string =>
  createHash('sha1').update(JSON.stringify(value)).digest('hex').slice(0, 8)

/** Digests one after the other. */
export const digests = (joined: string): string[] => joined.match(/.{8}/g) ?? []

/** Yes or no, four of them a hexadecimal digit. */
export const bits = (joined: string): boolean[] =>
  Array.from(joined).flatMap((digit) => [8, 4, 2, 1].map((bit) => (Number.parseInt(digit, 16) & bit) !== 0))
