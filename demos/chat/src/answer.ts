/** @file An answer while it is written: its text, and how fast it comes. */
import type { ChatClient } from 'webformers'
import type { Message } from './conversation'

/** Small models may go round in circles for ever. */
export const LONGEST = 1024

export interface AnswerSettings {
  readonly temperature: number
  readonly json: boolean
}
export interface Asked extends AnswerSettings {
  readonly messages: readonly Message[]
  readonly signal: AbortSignal
}

/** Writes an answer into a message. @param told of each piece, with what is known of the speed so far */
export async function write(
  client: ChatClient,
  { messages, temperature, json, signal }: Asked,
  answer: Message,
  told: (status: string) => void,
): Promise<void> {
  const pace = new Pace()
  let ended = 'Stopped'
  try {
    const stream = await client.chat.completions.create(
      {
        messages: messages.map(({ role, content }) => ({ role, content })),
        temperature,
        max_completion_tokens: LONGEST,
        ...(json && { response_format: { type: 'json_object' } }),
        stream: true,
        stream_options: { include_usage: true },
      },
      { signal },
    )
    for await (const { choices, usage } of stream) {
      const [choice] = choices
      if (usage) pace.tokens = usage.completion_tokens
      if (choice?.finish_reason) ended = choice.finish_reason === 'length' ? 'Cut off' : ''
      if (!choice?.delta.content) continue
      pace.step()
      answer.content += choice.delta.content
      told(pace.inWords())
    }
  } finally {
    answer.note = [ended, pace.inWords()].filter(Boolean).join('. ')
  }
}

/** Tokens a second, from the first that came: before it the prompt is read. */
class Pace {
  #first: number | undefined
  #last = 0
  tokens = 0

  step() {
    this.tokens++
    this.#last = performance.now()
    this.#first ??= this.#last
  }

  /** '96 tokens, 31 a second' */
  inWords(): string {
    if (this.#first === undefined) return ''
    const seconds = (this.#last - this.#first) / 1000
    const words = `${this.tokens} token${this.tokens === 1 ? '' : 's'}`
    return seconds > 0 ? `${words}, ${((this.tokens - 1) / seconds).toFixed(1)} a second` : words
  }
}
