/** @file The words of a corpus, as the Rust library feeds them to its trainers: normalized, cut, no added token set apart. */
import { breather, type Steps } from '@webformers/hub'
import { TokenizerError } from '../errors'
import { createNormalizer, normalized } from '../normalizers'
import { createPreTokenizer, spelledWords } from '../pre-tokenizers'
import { AlignedString } from '../text/aligned-string'
import { whole } from '../text/split'
import type { TokenizerJson } from '../tokenizer'
import type { WordCounts } from './options'

/** Texts, or batches of texts, there already or still to come. */
export type TrainingTexts = Iterable<string | readonly string[]> | AsyncIterable<string | readonly string[]>

type Pipeline = Pick<TokenizerJson, 'normalizer' | 'pre_tokenizer'>

/** A yield every so many words. */
const STEP = 2048

/** A text's words: what the pipeline of a tokenizer.json hands to its model. */
export function wordReader(json: Pipeline) {
  const normalize = json.normalizer ? createNormalizer(json.normalizer) : undefined
  const preTokenizer = createPreTokenizer(json.pre_tokenizer ?? { type: 'Sequence', pretokenizers: [] })
  return function* words(text: string): Steps<string[]> {
    if (text === '') return []
    const string = new AlignedString(text.replace(LONE_SURROGATE, '\ufffd'))
    const rewritten = normalize === undefined ? string : yield* normalized(string, normalize)
    if (rewritten.text === '') return []
    yield
    return yield* spelledWords(preTokenizer, [whole(rewritten)])
  }
}

/** Rust knows no lone surrogates. */
const LONE_SURROGATE = /\p{Cs}/gu

/**
 * Count the words of all texts.
 * @param report is told how many texts are read.
 * @throws {TokenizerError} when something among the texts is no text.
 */
export async function countWords(
  json: Pipeline,
  texts: TrainingTexts,
  report: (done: number) => void,
  signal?: AbortSignal,
): Promise<WordCounts> {
  const words = wordReader(json)
  const counts = new Map<string, number>()
  const breathe = breather(signal)
  let done = 0
  for await (const item of abortable(texts, signal)) {
    const batch: readonly unknown[] = Array.isArray(item) ? item : [item]
    for (const text of batch) {
      if (typeof text !== 'string') {
        throw new TokenizerError(
          `Text ${done + 1} to train on must be a string, but it is ${JSON.stringify(text) ?? String(text)}.`,
        )
      }
      for (const steps = words(text); ; ) {
        const { done: finished, value } = steps.next()
        await breathe()
        if (!finished) continue
        for (const [i, word] of value.entries()) {
          counts.set(word, (counts.get(word) ?? 0) + 1)
          if (i % STEP === STEP - 1) await breathe()
        }
        break
      }
      report(++done)
    }
  }
  return counts
}

/** Texts as they come; an abort does not wait for the next. */
async function* abortable(
  texts: TrainingTexts,
  signal: AbortSignal | undefined,
): AsyncGenerator<string | readonly string[], undefined> {
  if (typeof texts === 'string') {
    throw new TokenizerError(
      'The texts to train on must be a list of texts, but they are one text. Put it in [ ].',
    )
  }
  if (Symbol.iterator in texts) {
    yield* texts
    return
  }
  const aborted = new Promise<never>((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  // Nobody may be waiting when it happens.
  aborted.catch(() => {})
  const iterator = texts[Symbol.asyncIterator]()
  let exhausted = false
  try {
    while (!exhausted) {
      const next = await Promise.race([iterator.next(), aborted])
      exhausted = next.done === true
      if (!next.done) yield next.value
    }
  } finally {
    if (!exhausted) void iterator.return?.()
  }
}
