/** @file What crosses in OpenAI's Chat Completions API, under its own names: requests, completions, chunks. */

/** A part of a message. Models that write text read texts. */
export interface ChatCompletionContentPart {
  type: 'text'
  text: string
}

/** A call of a function; its arguments are JSON as the model wrote it, which may not be whole. */
export interface ChatCompletionToolCall {
  id: string
  type: 'function'
  function: { name: string; arguments: string }
}

/** What somebody said, or a function answered. `developer` is a newer name for `system`. */
export interface ChatCompletionMessageParam {
  role: 'system' | 'developer' | 'user' | 'assistant' | 'tool'
  content?: string | readonly ChatCompletionContentPart[] | null
  name?: string
  tool_calls?: readonly ChatCompletionToolCall[]
  /** Of a function's answer: which call it answers. */
  tool_call_id?: string
  refusal?: null
}

/** A function that the model may call. */
export interface ChatCompletionTool {
  type: 'function'
  function: {
    name: string
    description?: string
    parameters?: Readonly<Record<string, unknown>>
    strict?: boolean | null
  }
}

export type ChatCompletionToolChoice =
  | 'none'
  | 'auto'
  | 'required'
  | { type: 'function'; function: { name: string } }

export type ChatCompletionResponseFormat =
  | { type: 'text' }
  | { type: 'json_object' }
  | {
      type: 'json_schema'
      json_schema: {
        name: string
        description?: string
        schema?: Readonly<Record<string, unknown>>
        strict?: boolean | null
      }
    }

/** A request. `null` is the same as nothing. */
export interface ChatCompletionCreateParams {
  messages: readonly ChatCompletionMessageParam[]
  /** The name of the client's model, which is the only one that answers. */
  model?: string | null
  /** Show the answer as it comes, in chunks. */
  stream?: boolean | null
  /** `include_usage`: a last chunk without choices has the usage. */
  stream_options?: { include_usage?: boolean } | null
  /** How many answers, told apart by their index. Default: 1. */
  n?: number | null
  /** 0 takes the likeliest token each time, up to 2 draws more freely. Default: as the model's own configuration samples, else 1. */
  temperature?: number | null
  /** Draw among the likeliest tokens that have together this probability. */
  top_p?: number | null
  /** Equal seeds give equal answers. */
  seed?: number | null
  /** The most tokens of an answer. Default: as many as the model can read. */
  max_completion_tokens?: number | null
  /** The older name for it. */
  max_tokens?: number | null
  /** Texts that end an answer, and are no part of it. */
  stop?: string | readonly string[] | null
  /** What a token loses for each time the answer has it already, from -2 to 2. */
  frequency_penalty?: number | null
  /** What a token loses when the answer has it already, from -2 to 2. */
  presence_penalty?: number | null
  /** What is added to the scores of tokens, by their ids, from -100 to 100. */
  logit_bias?: Readonly<Record<string, number>> | null
  /** Tell how likely each token was. */
  logprobs?: boolean | null
  /** And how likely the likeliest ones were, up to 20. */
  top_logprobs?: number | null
  /** JSON alone, of any kind or by a schema. */
  response_format?: ChatCompletionResponseFormat | null
  tools?: readonly ChatCompletionTool[] | null
  /** Whether functions are called: as the model likes (`'auto'`), not, at least one, or this one. */
  tool_choice?: ChatCompletionToolChoice | null
}

export type FinishReason = 'stop' | 'length' | 'tool_calls'

/** A token, how likely it was before temperature and penalties, and its bytes. */
export interface TokenLogprob {
  token: string
  logprob: number
  /** None where a token is no text by itself. */
  bytes: number[] | null
}

export interface ChatCompletionTokenLogprob extends TokenLogprob {
  top_logprobs: TokenLogprob[]
}

export interface ChatCompletionLogprobs {
  content: ChatCompletionTokenLogprob[]
  refusal: null
}

export interface CompletionUsage {
  prompt_tokens: number
  /** Of all answers, ends included. */
  completion_tokens: number
  total_tokens: number
}

export interface ChatCompletionMessage {
  role: 'assistant'
  content: string | null
  refusal: null
  tool_calls?: ChatCompletionToolCall[]
}

export interface ChatCompletion {
  id: string
  object: 'chat.completion'
  /** Seconds since 1970. */
  created: number
  model: string
  choices: {
    index: number
    message: ChatCompletionMessage
    logprobs: ChatCompletionLogprobs | null
    finish_reason: FinishReason
  }[]
  usage: CompletionUsage
}

/** What is new of a call: its name with the first, then further pieces of its arguments. */
export interface ToolCallDelta {
  index: number
  id?: string
  type?: 'function'
  function: { name?: string; arguments: string }
}

export interface ChatCompletionDelta {
  role?: 'assistant'
  content?: string
  tool_calls?: ToolCallDelta[]
}

export interface ChatCompletionChunk {
  id: string
  object: 'chat.completion.chunk'
  created: number
  model: string
  choices: {
    index: number
    delta: ChatCompletionDelta
    logprobs: ChatCompletionLogprobs | null
    finish_reason: FinishReason | null
  }[]
  /** Of the last chunk, where it was asked for. */
  usage?: CompletionUsage | null
}
