/** @file `token-classification`: labels for tokens, or entities with their place in the text. */
import type { PreTrainedTokenizer } from '@webformers/tokenizers'
import { OptionError } from '../errors'
import { encode } from './encode'
import {
  type AggregationStrategy,
  type EntityGroup,
  groupTokens,
  type LabelledToken,
  labelTokens,
  type TokenEntity,
  withoutOverlaps,
} from './entities'
import { softmax } from './math'
import { type Answered, defineTask, tokenRows } from './task'

export interface TokenClassificationOptions {
  /** Default: `'none'`, a label for each token. */
  aggregationStrategy?: AggregationStrategy
  /** Labels, or with aggregation entities, to leave out. Default: `['O']`. */
  ignoreLabels?: readonly string[]
  /** Read all of a text that is longer than the model takes, in windows that share so many tokens; without it the text is
   * cut. Needs an aggregation strategy. */
  stride?: number
}

type Groups<O> = O extends { aggregationStrategy: 'simple' | 'first' | 'average' | 'max' } ? true : false

/** A list for each text: labelled tokens, or entities where an aggregation strategy is asked for. */
export interface TokenClassification<O> {
  input: string
  options: TokenClassificationOptions
  one: Groups<O> extends true ? EntityGroup[] : TokenEntity[]
  many: Groups<O> extends true ? EntityGroup[][] : TokenEntity[][]
}

export const tokenClassification = defineTask({
  head: 'ForTokenClassification',
  outputs: ['logits'],
  standard: { source: 'dbmdz/bert-large-cased-finetuned-conll03-english', revision: '4c53496' },
  settle(
    { aggregationStrategy = 'none', ignoreLabels = ['O'], stride }: TokenClassificationOptions,
    { tokenizer },
  ) {
    if (stride !== undefined && aggregationStrategy === 'none') {
      throw new OptionError(
        `stride is ${stride}, but overlapping windows can only be joined as entities. ` +
          "Choose an aggregationStrategy: 'simple', 'first', 'average' or 'max'.",
      )
    }
    const windows = stride === undefined ? {} : { stride, returnOverflowingTokens: true }
    return { aggregationStrategy, ignoreLabels, windows, marked: marksContinuations(tokenizer) }
  },
  prepare: (text: string, { windows }, context) => encode(context, text, { truncation: true, ...windows }),
  answer(rows, { aggregationStrategy, ignoreLabels, marked }, { tokenizer, config }, text) {
    const windows = rows.map((row) => labelledTokens(row, text, tokenizer, marked))
    const kept = (label: string) => !ignoreLabels.includes(label)
    if (aggregationStrategy === 'none') {
      const tokens = windows.flatMap((window) => labelTokens(window, config.id2label))
      return tokens.filter(({ entity }) => kept(entity))
    }
    const join = (tokens: string[]) => tokenizer.convertTokensToString(tokens)
    const groups = windows.flatMap((window) =>
      groupTokens(window, aggregationStrategy, config.id2label, join),
    )
    const entities = groups.filter(({ entity_group }) => kept(entity_group))
    return windows.length > 1 ? withoutOverlaps(entities) : entities
  },
})

/** The tokens of a window that stand for text, with the probability of each label. */
function labelledTokens(
  answered: Answered,
  text: string,
  tokenizer: PreTrainedTokenizer,
  marked: boolean,
): LabelledToken[] {
  const { ids, sequences, offsets } = answered.row
  const logits = tokenRows(answered, answered.outputs.logits!)
  return ids.flatMap((id, index): LabelledToken[] => {
    if (sequences[index] === null) return []
    const [start, end] = offsets[index]!
    const unknown = id === tokenizer.unkTokenId
    const word = unknown ? text.slice(start, end) : (tokenizer.convertIdsToTokens(id) ?? '')
    const continues = !unknown && continuesWord(word, text, start, end, marked)
    return [{ word, probabilities: softmax(logits[index]!), index, start, end, continues }]
  })
}

/** Where pieces inside words are marked, a token longer than its text is one; elsewhere one with no space before it is. */
function continuesWord(token: string, text: string, start: number, end: number, marked: boolean) {
  if (marked) return codePoints(token) !== codePoints(text.slice(start, end))
  return start > 0 && !text.slice(start - 1, start + 1).includes(' ')
}

/** Whether the tokenizer marks pieces inside words, as WordPiece does with `##`: a word nobody knows shows it. */
const marksContinuations = (tokenizer: PreTrainedTokenizer) =>
  tokenizer.tokenize('a'.repeat(64)).at(-1)?.startsWith('##') ?? false

const codePoints = (text: string) => Array.from(text).length
