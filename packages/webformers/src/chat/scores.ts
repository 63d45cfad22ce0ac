/** @file What a request asks of the scores of tokens: OpenAI's penalties and biases, and how likely tokens were. */
import type { PreTrainedTokenizer } from '@webformers/tokenizers'
import type { GenerateOptions } from '../generation/call'
import type { ChatRequest } from './checks'
import type { ChatCompletionTokenLogprob, TokenLogprob } from './wire'

type Processor = Exclude<NonNullable<GenerateOptions['logitsProcessor']>, readonly unknown[]>

/** The API's number for what is as good as impossible: JSON has no infinity. */
const LEAST = -9999

/** Changes scores, and remembers how they were until it is known which tokens were chosen. */
export class Scores {
  readonly #frequency: number
  readonly #presence: number
  readonly #bias: readonly (readonly [id: number, bias: number])[]
  readonly #top: number | undefined
  /** The model's own, [rows × vocabulary]. */
  #before: Float32Array | undefined

  constructor(
    { frequency_penalty = 0, presence_penalty = 0, logit_bias = {}, logprobs, top_logprobs = 0 }: ChatRequest,
    readonly promptLength: number,
    readonly tokenizer: PreTrainedTokenizer,
  ) {
    this.#frequency = frequency_penalty
    this.#presence = presence_penalty
    this.#bias = Object.entries(logit_bias).map(([id, bias]) => [Number(id), bias])
    this.#top = logprobs ? top_logprobs : undefined
  }

  /** What `generate()` has to ask at each step: nothing, where nothing is asked for, as each step then takes longer. */
  get processor(): Processor | undefined {
    const changes = this.#frequency !== 0 || this.#presence !== 0 || this.#bias.length > 0
    if (!changes && this.#top === undefined) return undefined
    return (sequences, scores) => {
      if (this.#top !== undefined) this.#before = scores.slice()
      for (const [row, sequence] of sequences.entries()) {
        const size = scores.length / sequences.length
        this.#change(scores.subarray(row * size, (row + 1) * size), sequence.subarray(this.promptLength))
      }
      return scores
    }
  }

  /** score − frequency × how often the answer has the token − presence, if it has it. */
  #change(scores: Float32Array, answer: Int32Array) {
    for (const [id, bias] of this.#bias) if (id < scores.length) scores[id]! += bias
    if (this.#frequency === 0 && this.#presence === 0) return
    const counts = new Map<number, number>()
    for (const token of answer) counts.set(token, (counts.get(token) ?? 0) + 1)
    for (const [token, count] of counts) scores[token]! -= this.#frequency * count + this.#presence
  }

  /** How likely the tokens were that were just chosen, one for each row. */
  chosen(tokens: Int32Array): (ChatCompletionTokenLogprob | undefined)[] {
    const scores = this.#before
    const top = this.#top
    if (!scores || top === undefined) return Array.from(tokens, () => undefined)
    const size = scores.length / tokens.length
    return Array.from(tokens, (token, row) => {
      const own = scores.subarray(row * size, (row + 1) * size)
      const whole = logSumExp(own)
      const entry = (id: number): TokenLogprob => ({
        ...textOf(id, this.tokenizer),
        logprob: Math.max(LEAST, own[id]! - whole),
      })
      return { ...entry(token), top_logprobs: largest(own, top).map(entry) }
    })
  }
}

function logSumExp(scores: Float32Array): number {
  let most = Number.NEGATIVE_INFINITY
  for (const score of scores) if (score > most) most = score
  let sum = 0
  for (const score of scores) sum += Math.exp(score - most)
  return most + Math.log(sum)
}

/** The places of the largest few, the largest first. */
function largest(scores: Float32Array, count: number): number[] {
  const places: number[] = []
  for (let i = 0; i < scores.length; i++) {
    if (places.length === count && !(scores[i]! > scores[places.at(-1)!]!)) continue
    const at = places.findIndex((place) => scores[i]! > scores[place]!)
    places.splice(at < 0 ? places.length : at, 0, i)
    places.length = Math.min(places.length, count)
  }
  return places
}

/** What stands before a token, so that it is not the first of a text. */
const BEFORE = 'a'

function textOf(id: number, tokenizer: PreTrainedTokenizer): { token: string; bytes: number[] | null } {
  const name = tokenizer.convertIdsToTokens(id) ?? ''
  const text = tokenizer.convertTokensToString([...tokenizer.tokenize(BEFORE), name])
  const token = text.slice(text.indexOf(BEFORE) + BEFORE.length)
  // A piece of a character is no text by itself.
  return { token, bytes: token.includes('\uFFFD') ? null : [...new TextEncoder().encode(token)] }
}
