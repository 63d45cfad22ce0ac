/** @file `question-answering`: the part of a context that answers a question. */
import { OptionError } from '../errors'
import { encode } from './encode'
import { likeliestSpans, place } from './spans'
import { type Answered, defineTask, tokenValues } from './task'

export interface QuestionAnsweringOptions {
  /** How many answers, best first; more than one gives a list. Default: 1. */
  topK?: number
  /** The longest answer, in tokens. Default: 15. */
  maxAnswerLen?: number
  /** Tokens that the windows of a long context share. Default: 128, or half of `maxSeqLen` where that is less. */
  docStride?: number
  /** The longest window, question included, in tokens. Default: 384, or what the model takes where that is less. */
  maxSeqLen?: number
  /** Whether "no answer" is an answer: `{ score, start: 0, end: 0, answer: '' }`. Default: `false`. */
  handleImpossibleAnswer?: boolean
  /** Stretch answers to whole words. Default: `true`. */
  alignToWords?: boolean
}

export interface Question {
  question: string
  context: string
}
/** Several questions about one context, or each about its own. */
export interface Questions {
  question: readonly string[]
  context: string | readonly string[]
}

/** `start` and `end` are UTF-16 offsets: `context.slice(start, end)` is the answer. */
export interface Answer {
  score: number
  start: number
  end: number
  answer: string
}

type Lists<O> = O extends { topK: infer K } ? (K extends 1 ? false : true) : false

/** An answer to each question, or with `topK` above 1 a list of answers. */
export interface QuestionAnswering<O> {
  input: Question
  options: QuestionAnsweringOptions
  one: Lists<O> extends true ? Answer[] : Answer
  many: Lists<O> extends true ? Answer[][] : Answer[]
}

export const questionAnswering = defineTask({
  head: 'ForQuestionAnswering',
  outputs: ['start_logits', 'end_logits'],
  standard: { source: 'distilbert/distilbert-base-cased-distilled-squad', revision: '564e9b5' },
  settle(options: QuestionAnsweringOptions, { tokenizer }) {
    const { topK = 1, maxAnswerLen = 15, handleImpossibleAnswer = false, alignToWords = true } = options
    const { maxSeqLen = Math.min(tokenizer.modelMaxLength, 384) } = options
    const { docStride = Math.min(Math.floor(maxSeqLen / 2), 128) } = options
    for (const [name, value] of Object.entries({ topK, maxAnswerLen })) {
      if (value < 1) throw new OptionError(`${name} is ${value}, but must be at least 1.`)
    }
    if (docStride > maxSeqLen) {
      throw new OptionError(
        `docStride is ${docStride}, but a window holds only maxSeqLen = ${maxSeqLen} tokens.`,
      )
    }
    return { topK, maxAnswerLen, handleImpossibleAnswer, alignToWords, maxSeqLen, docStride }
  },
  several: listQuestions,
  async prepare({ question: text, context: text_pair }: Question, { maxSeqLen, docStride }, context) {
    for (const [name, given] of Object.entries({ question: text, context: text_pair })) {
      if (!given) throw new OptionError(`\`${name}\` is empty. Give { question: '…', context: '…' }.`)
    }
    return encode(
      context,
      { text, text_pair },
      { truncation: 'onlySecond', maxLength: maxSeqLen, stride: docStride, returnOverflowingTokens: true },
    )
  },
  answer(rows, settled, { tokenizer }, { context }): Answer | Answer[] {
    const best = findAnswers(rows, context, tokenizer.clsTokenId, settled).slice(0, settled.topK)
    return settled.topK === 1 ? (best[0] ?? { score: 0, start: 0, end: 0, answer: '' }) : best
  },
})

const listOf = (text: string | readonly string[]) => (typeof text === 'string' ? [text] : text)

function listQuestions({ question, context }: Question | Questions): Question[] | undefined {
  if (typeof question === 'string' && typeof context === 'string') return undefined
  const [questions, contexts] = [listOf(question), listOf(context)]
  if (contexts.length !== 1 && contexts.length !== questions.length) {
    throw new OptionError(
      `${questions.length} questions came with ${contexts.length} contexts. Give one context, or one for each question.`,
    )
  }
  return questions.map((each, i) => ({ question: each, context: contexts[contexts.length === 1 ? 0 : i]! }))
}

/** The answers of all windows, best first; the same words found twice count together. */
function findAnswers(
  rows: readonly Answered[],
  context: string,
  clsTokenId: number | undefined,
  { topK, maxAnswerLen, handleImpossibleAnswer, alignToWords }: Required<QuestionAnsweringOptions>,
): Answer[] {
  const answers = new Map<string, Answer>()
  let noAnswer = Number.POSITIVE_INFINITY
  for (const answered of rows) {
    const { ids, sequences, offsets, words } = answered.row
    const window = {
      inContext: sequences.map((sequence) => sequence === 1),
      offsets,
      words,
      cls: ids.indexOf(clsTokenId ?? -1),
    }
    const starts = tokenValues(answered, answered.outputs.start_logits!)
    const ends = tokenValues(answered, answered.outputs.end_logits!)
    // Spans that stretch to the same words fall together, so more of them than asked for are looked at.
    const count = alignToWords ? topK * 2 + 10 : topK
    const found = likeliestSpans(starts, ends, window, count, maxAnswerLen)
    noAnswer = Math.min(noAnswer, found.noAnswer)
    for (const span of found.spans) {
      const [start, end] = place(span, window, alignToWords)
      const answer = context.slice(start, end)
      const known = answers.get(answer.toLowerCase())
      if (known) known.score += span.score
      else answers.set(answer.toLowerCase(), { score: span.score, start, end, answer })
    }
  }
  const all = [...answers.values()]
  if (handleImpossibleAnswer) all.push({ score: noAnswer, start: 0, end: 0, answer: '' })
  return all.sort((a, b) => b.score - a.score)
}
