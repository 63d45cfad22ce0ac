/** @file The likeliest answer spans of a question-answering model, window by window. */
import { largest, type Numbers, softmax } from './math'

/** One window of question and context, token by token. */
export interface SpanWindow {
  /** Whether an answer may start or end here: tokens of the context. */
  inContext: readonly boolean[]
  /** Where the token stands in the context, in UTF-16 code units. */
  offsets: readonly (readonly [start: number, end: number])[]
  /** Which word the token belongs to, `null` where the tokenizer knows none. */
  words: readonly (number | null)[]
  /** The position of the classification token, whose probability is that of "no answer"; -1 where there is none. */
  cls: number
}

export interface Span {
  /** First and last token. */
  start: number
  end: number
  score: number
}

/** The `count` likeliest spans of at most `longest` tokens, best first, and the probability that there is no answer.
 * Start and end are taken as independent, as in DrQA (Chen et al. 2017). */
export function likeliestSpans(
  startLogits: Numbers,
  endLogits: Numbers,
  { inContext, cls }: Pick<SpanWindow, 'inContext' | 'cls'>,
  count: number,
  longest: number,
): { spans: Span[]; noAnswer: number } {
  // Tokens of the question take no part in the softmax, the classification token does.
  const among = (logits: Numbers) =>
    softmax(inContext.map((here, i) => (here || i === cls ? logits[i]! : Number.NEGATIVE_INFINITY)))
  const [starts, ends] = [among(startLogits), among(endLogits)]
  const spans: Span[] = []
  for (let start = 0; start < starts.length; start++) {
    if (!inContext[start]) continue
    for (let end = start; end < Math.min(start + longest, ends.length); end++) {
      if (inContext[end]) spans.push({ start, end, score: starts[start]! * ends[end]! })
    }
  }
  const best = largest(
    spans.map(({ score }) => score),
    count,
  )
  const noAnswer = cls < 0 ? 0 : starts[cls]! * ends[cls]!
  return { spans: best.map((i) => spans[i]!), noAnswer }
}

/** Where a span stands in the context; `wholeWords` stretches it to the words that its ends belong to. */
export function place({ start, end }: Span, window: SpanWindow, wholeWords: boolean): [number, number] {
  const { inContext, offsets, words } = window
  if (!wholeWords || words[start] === null || words[end] === null)
    return [offsets[start]![0], offsets[end]![1]]
  const within = (i: number, token: number) => inContext[i] && words[i] === words[token]
  let [first, last] = [start, end]
  while (within(first - 1, start)) first--
  while (within(last + 1, end)) last++
  return [offsets[first]![0], offsets[last]![1]]
}
