/** @file One answer: its tokens become text, calls of functions and a reason why it ended. */
import type { DecodeStream, PreTrainedTokenizer } from '@webformers/tokenizers'
import { markers } from '../pipelines/tool-calls'
import type { Settled } from './request'
import { StopTexts } from './stop-texts'
import { ToolDeltas } from './tool-deltas'
import type { ChatCompletionChunk, ChatCompletionTokenLogprob, FinishReason } from './wire'

/** What is new of an answer. */
export type Choice = ChatCompletionChunk['choices'][number]

export class Answer {
  /** Tokens so far, its end counted. */
  length = 0
  finished = false
  readonly #text: DecodeStream
  readonly #hidden: ReadonlySet<number>
  readonly #stops: StopTexts
  readonly #calls: ToolDeltas | undefined
  /** Of tokens whose text was not told yet. */
  #logprobs: ChatCompletionTokenLogprob[] = []

  constructor(
    readonly index: number,
    readonly settled: Settled,
    tokenizer: PreTrainedTokenizer,
  ) {
    this.#text = tokenizer.decodeStream({ skipSpecialTokens: false })
    this.#hidden = hiddenTokens(tokenizer, settled.callable !== undefined)
    this.#stops = new StopTexts(settled.stops)
    this.#calls = settled.callable && new ToolDeltas(settled.callable)
  }

  /** The beginning, which has no text yet unless the prompt has it already. */
  *begin(): Generator<Choice> {
    yield this.#choice({ role: 'assistant', content: '' })
    yield* this.#write(this.settled.begun)
  }

  *push(token: number, logprob: ChatCompletionTokenLogprob | undefined): Generator<Choice> {
    if (this.finished) return
    this.length++
    if (this.settled.ends.includes(token)) return yield* this.#finish('stop')
    if (logprob) this.#logprobs.push(logprob)
    if (!this.#hidden.has(token)) yield* this.#write(this.#stops.push(this.#text.step(token) ?? ''))
    if (this.#stops.found) yield* this.#finish('stop')
    else if (this.length >= this.settled.maxTokens) yield* this.#finish('length')
  }

  /** The rest, when no more tokens come. */
  *end(): Generator<Choice> {
    if (!this.finished) yield* this.#finish('stop')
  }

  *#finish(reason: FinishReason): Generator<Choice> {
    this.finished = true
    if (!this.#stops.found)
      yield* this.#write(this.#stops.push(this.#text.flush() ?? '') + this.#stops.rest())
    for (const delta of this.#calls?.end() ?? []) yield this.#choice(delta)
    yield this.#choice({}, reason === 'stop' && this.#calls && this.#calls.count > 0 ? 'tool_calls' : reason)
  }

  *#write(text: string): Generator<Choice> {
    if (text === '') return
    if (!this.#calls) yield this.#choice({ content: text })
    else for (const delta of this.#calls.push(text)) yield this.#choice(delta)
  }

  #choice(delta: Choice['delta'], finish_reason: FinishReason | null = null): Choice {
    const content = this.#logprobs
    this.#logprobs = []
    return {
      index: this.index,
      delta,
      logprobs: content.length > 0 ? { content, refusal: null } : null,
      finish_reason,
    }
  }
}

/** Special tokens, which texts do not show, but for the marks of calls that somebody looks for. */
function hiddenTokens(tokenizer: PreTrainedTokenizer, calls: boolean): Set<number> {
  const shown = calls ? markers : []
  return new Set(
    tokenizer.addedTokens.flatMap(([id, { content, special }]) =>
      special && !shown.includes(content) ? [id] : [],
    ),
  )
}
