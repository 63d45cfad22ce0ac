/** @file From a label for each token to entities of words: the aggregation strategies of token classification. */
import { argmax, mean } from './math'

/** How tokens become entities: not at all, by equal labels, or by words that take the label of their first token,
 * of their tokens' mean, or of their surest token. */
export type AggregationStrategy = 'none' | 'simple' | 'first' | 'average' | 'max'

/** A token, its label, the label's probability, its position among the tokens and its place in the text. */
export interface TokenEntity {
  entity: string
  score: number
  index: number
  word: string
  start: number
  end: number
}

/** Neighbouring tokens of one entity; `start` and `end` are UTF-16 offsets: `text.slice(start, end)` is the entity. */
export interface EntityGroup {
  entity_group: string
  score: number
  word: string
  start: number
  end: number
}

/** A token with the probability of each label. */
export interface LabelledToken {
  word: string
  probabilities: readonly number[]
  index: number
  start: number
  end: number
  /** Whether it continues the word that the token before it began. */
  continues: boolean
}

interface Labelled {
  entity: string
  score: number
  word: string
  start: number
  end: number
}

/** How a tokenizer makes a string of tokens. */
type Join = (tokens: string[]) => string

/** Tokens with their likeliest labels: the strategy `none`. */
export const labelTokens = (
  tokens: readonly LabelledToken[],
  labels: Readonly<Record<number, string>>,
): TokenEntity[] =>
  tokens.map(({ probabilities, index, word, start, end }) => {
    const best = argmax(probabilities)
    return { entity: labels[best]!, score: probabilities[best]!, index, word, start, end }
  })

/** Entities of one window of text by every strategy but `none`. */
export function groupTokens(
  tokens: readonly LabelledToken[],
  strategy: Exclude<AggregationStrategy, 'none'>,
  labels: Readonly<Record<number, string>>,
  join: Join,
): EntityGroup[] {
  if (strategy === 'simple') return groupByLabel(labelTokens(tokens, labels), join)
  const words: LabelledToken[][] = []
  for (const token of tokens) {
    if (token.continues && words.length > 0) words.at(-1)!.push(token)
    else words.push([token])
  }
  const labelled = words.map((word): Labelled => {
    const probabilities = wordProbabilities[strategy](word.map((token) => token.probabilities))
    const best = argmax(probabilities)
    return {
      entity: labels[best]!,
      score: probabilities[best]!,
      word: join(word.map((token) => token.word)),
      start: word[0]!.start,
      end: word.at(-1)!.end,
    }
  })
  return groupByLabel(labelled, join)
}

type Rows = readonly (readonly number[])[]

/** What a word's tokens say together of its labels. */
const wordProbabilities: Record<'first' | 'average' | 'max', (rows: Rows) => readonly number[]> = {
  first: (rows) => rows[0]!,
  average: (rows) => rows[0]!.map((_, label) => mean(rows.map((row) => row[label]!))),
  max: (rows) => rows[argmax(rows.map((row) => Math.max(...row)))]!,
}

/** `B-PER` begins an entity of its own; `I-PER`, and labels outside this scheme, continue one of the same kind. */
const begins = (label: string) => label.startsWith('B-')
const kind = (label: string) => (/^[BI]-/.test(label) ? label.slice(2) : label)

function groupByLabel(entities: readonly Labelled[], join: Join): EntityGroup[] {
  const groups: Labelled[][] = []
  for (const entity of entities) {
    const last = groups.at(-1)?.at(-1)
    const continues = last && !begins(entity.entity) && kind(entity.entity) === kind(last.entity)
    if (continues) groups.at(-1)!.push(entity)
    else groups.push([entity])
  }
  return groups.map((group) => ({
    entity_group: group[0]!.entity.slice(group[0]!.entity.indexOf('-') + 1),
    score: mean(group.map(({ score }) => score)),
    word: join(group.map(({ word }) => word)),
    start: group[0]!.start,
    end: group.at(-1)!.end,
  }))
}

/** Of entities that overlap, as windows of a long text give them, the longer or else the surer one. */
export function withoutOverlaps(entities: readonly EntityGroup[]): EntityGroup[] {
  const kept: EntityGroup[] = []
  for (const entity of entities.toSorted((a, b) => a.start - b.start)) {
    const last = kept.at(-1)
    if (!last || entity.start >= last.end) {
      kept.push(entity)
      continue
    }
    const longer = entity.end - entity.start - (last.end - last.start)
    if (longer > 0 || (longer === 0 && entity.score > last.score)) kept[kept.length - 1] = entity
  }
  return kept
}
