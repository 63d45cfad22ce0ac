/** @file `ChatClient`: a model that answers as OpenAI's Chat Completions API does, for apps that speak it. */
import type { Source } from '@webformers/hub'
import type { PreTrainedTokenizer } from '@webformers/tokenizers'
import type { LoadOptions } from '../load-options'
import type { PreTrainedModel } from '../model'
import { pipeline } from '../pipelines'
import type { CallOptions } from './completions'
import type { Speaker } from './request'
import type { ChatCompletion, ChatCompletionChunk, ChatCompletionCreateParams } from './wire'

export type * from './wire'

export interface ChatClientOptions extends LoadOptions {
  /** What the model is called in requests and answers. Default: the repository's name. */
  name?: string
}

export interface ChatCompletions {
  /** Answer a chat. Its names are those on OpenAI's wire.
   * @param options `signal` ends it: the promise, or the loop over a stream, then throws its reason. To leave the loop ends it as well.
   * @returns the answer; with `stream`, its chunks as they come
   * @example
   * const { choices, usage } = await client.chat.completions.create({ messages: [{ role: 'user', content: 'What is 2 + 2?' }] })
   * choices[0].message.content // '2 + 2 = 4.'
   * usage // { prompt_tokens: 38, completion_tokens: 9, total_tokens: 47 }
   * @example
   * const stream = await client.chat.completions.create({ messages, temperature: 0, stream: true }, { signal })
   * for await (const { choices: [choice] } of stream) page.textContent += choice?.delta.content ?? ''
   * @throws {OptionError} when an option is unknown, can't be acted on or makes no sense; none is passed over
   * @throws {InputError} when messages are not of the API's form @throws {TokenizerError} when the model has no chat template
   * @throws {SequenceTooLongError} when the chat is longer than what the model can read; and all that `generate` throws
   */
  create(
    params: ChatCompletionCreateParams & { stream: true },
    options?: CallOptions,
  ): Promise<AsyncGenerator<ChatCompletionChunk, void>>
  create(
    params: ChatCompletionCreateParams & { stream?: false | null },
    options?: CallOptions,
  ): Promise<ChatCompletion>
  create(
    params: ChatCompletionCreateParams,
    options?: CallOptions,
  ): Promise<ChatCompletion | AsyncGenerator<ChatCompletionChunk, void>>
}

/** A model behind the interface of OpenAI's client: `client.chat.completions.create(…)`.
 * @example
 * await using client = await ChatClient.fromPretrained('HuggingFaceTB/SmolLM2-135M-Instruct')
 * const client = new ChatClient({ model, tokenizer, name: 'my-model' }) // of a model that is loaded already
 */
export class ChatClient implements AsyncDisposable {
  readonly model: PreTrainedModel
  readonly tokenizer: PreTrainedTokenizer
  readonly name: string
  readonly chat: { readonly completions: ChatCompletions }
  #own = false

  constructor({ model, tokenizer, name = 'model' }: Omit<Speaker, 'name'> & { name?: string }) {
    this.model = model
    this.tokenizer = tokenizer
    this.name = name
    const create = async (params: ChatCompletionCreateParams, options?: CallOptions) =>
      (await import('./completions')).create(this, params, options)
    this.chat = { completions: { create } as ChatCompletions }
  }

  /** A client of a repository's model, its tokenizer and its chat template.
   * @throws all that `fromPretrained` of models and tokenizers throws */
  static async fromPretrained(
    source: Source,
    { name, ...options }: ChatClientOptions = {},
  ): Promise<ChatClient> {
    const { model, tokenizer } = await pipeline('text-generation', source, options)
    const client = new ChatClient({
      model,
      tokenizer,
      name: name ?? (typeof source === 'string' ? source : undefined),
    })
    client.#own = true
    return client
  }

  /** Free the model; one that was given ready-made is its owner's to free. */
  async dispose(): Promise<void> {
    if (this.#own) await this.model.dispose()
  }
  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose()
  }
}
