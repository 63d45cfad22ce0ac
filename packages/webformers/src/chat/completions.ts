/** @file `chat.completions.create()`: an answer, or its chunks as they come. */
import { DynamicCache } from '../generation/cache'
import { Queue } from '../generation/stream'
import { promptBatch } from '../pipelines/generate-rows'
import { Answer, type Choice } from './answer'
import { type Settled, type Speaker, settle } from './request'
import { Scores } from './scores'
import type {
  ChatCompletion,
  ChatCompletionChunk,
  ChatCompletionCreateParams,
  ChatCompletionTokenLogprob,
  ChatCompletionToolCall,
  CompletionUsage,
  ToolCallDelta,
} from './wire'

export interface CallOptions {
  signal?: AbortSignal
}

/** What each speaker has read, so that of the next turn only what is new is; taken out while an answer is written. */
const caches = new WeakMap<Speaker, DynamicCache>()

function takeCache(speaker: Speaker): DynamicCache {
  const cache = caches.get(speaker) ?? new DynamicCache()
  caches.delete(speaker)
  return cache
}

/** Told of an answer as it comes, and in the end how many tokens there were. */
type Answering = AsyncGenerator<Choice, CompletionUsage>

/** See `ChatClient.chat`. */
export async function create(
  speaker: Speaker,
  params: ChatCompletionCreateParams,
  { signal }: CallOptions = {},
): Promise<ChatCompletion | AsyncGenerator<ChatCompletionChunk, void>> {
  signal?.throwIfAborted()
  const settled = await settle(speaker, params)
  const head = {
    id: `chatcmpl-${crypto.randomUUID()}`,
    created: Math.floor(Date.now() / 1000),
    model: speaker.name,
  }
  const answering = answers(speaker, settled, signal)
  if (settled.params.stream) return chunks(answering, head, settled)
  const messages = Array.from({ length: settled.params.n ?? 1 }, (_, index) => new Gathered(index))
  for (;;) {
    const { value, done } = await answering.next()
    if (done)
      return {
        ...head,
        object: 'chat.completion',
        choices: messages.map((each) => each.choice),
        usage: value,
      }
    messages[value.index]!.add(value)
  }
}

async function* chunks(
  answering: Answering,
  head: Pick<ChatCompletionChunk, 'id' | 'created' | 'model'>,
  { params }: Settled,
): AsyncGenerator<ChatCompletionChunk, void> {
  const told = params.stream_options?.include_usage ?? false
  const common = { ...head, object: 'chat.completion.chunk' as const }
  try {
    for (;;) {
      const { value, done } = await answering.next()
      if (!done) yield { ...common, choices: [value], ...(told && { usage: null }) }
      else if (told) return yield { ...common, choices: [], usage: value }
      else return
    }
  } finally {
    await answering.return(undefined as never) // who leaves the loop ends the generation
  }
}

async function* answers(speaker: Speaker, settled: Settled, signal: AbortSignal | undefined): Answering {
  const { model, tokenizer } = speaker
  const { ids, options, params } = settled
  const rows = options.numReturnSequences ?? 1
  const scores = new Scores(params, ids.length, tokenizer)
  // Greedy search finds one answer, however many are asked for.
  const all = Array.from({ length: params.n ?? 1 }, (_, i) => new Answer(i, settled, tokenizer))
  const left = new AbortController()
  const coming = new Queue<readonly [Int32Array, readonly (ChatCompletionTokenLogprob | undefined)[]]>()
  let prompts = 1
  const streamer = {
    put: (tokens: Int32Array) => {
      if (prompts-- <= 0) coming.add([tokens, scores.chosen(tokens)])
    },
  }
  for (const answer of all) yield* answer.begin()
  const cache = rows === 1 ? takeCache(speaker) : undefined
  const generating = model
    .generate(promptBatch([ids], true, 0), {
      ...options,
      ...(scores.processor && { logitsProcessor: scores.processor }),
      ...(cache && { pastKeyValues: cache }),
      streamer,
      signal: AbortSignal.any([left.signal, ...(signal ? [signal] : [])]),
    })
    .then(
      () => coming.end(),
      (error) => coming.end(error),
    )
  // Of several answers at a time, what the last one has read is kept.
  if (cache) generating.then(() => caches.set(speaker, cache))
  try {
    for await (const [tokens, logprobs] of coming)
      for (const [i, answer] of all.entries()) yield* answer.push(tokens[i % rows]!, logprobs[i % rows])
    for (const answer of all) yield* answer.end()
  } finally {
    left.abort()
  }
  const completion_tokens = all.reduce((sum, { length }) => sum + length, 0)
  return {
    prompt_tokens: ids.length,
    completion_tokens,
    total_tokens: ids.length + completion_tokens,
  }
}

/** A whole answer, out of its pieces. */
class Gathered {
  readonly #calls: ChatCompletionToolCall[] = []
  readonly #logprobs: ChatCompletionTokenLogprob[] = []
  #content = ''
  #reason: Choice['finish_reason'] = null

  constructor(readonly index: number) {}

  add({ delta, logprobs, finish_reason }: Choice) {
    this.#content += delta.content ?? ''
    for (const call of delta.tool_calls ?? []) this.#addCall(call)
    this.#logprobs.push(...(logprobs?.content ?? []))
    this.#reason = finish_reason
  }

  #addCall({ index, id, function: { name, arguments: given } }: ToolCallDelta) {
    const call = this.#calls[index]
    if (call) call.function.arguments += given
    else this.#calls[index] = { id: id!, type: 'function', function: { name: name!, arguments: given } }
  }

  get choice(): ChatCompletion['choices'][number] {
    const calls = this.#calls.length > 0
    return {
      index: this.index,
      message: {
        role: 'assistant',
        content: calls && this.#content === '' ? null : this.#content,
        refusal: null,
        ...(calls && { tool_calls: this.#calls }),
      },
      logprobs: this.#logprobs.length > 0 ? { content: this.#logprobs, refusal: null } : null,
      finish_reason: this.#reason!,
    }
  }
}
