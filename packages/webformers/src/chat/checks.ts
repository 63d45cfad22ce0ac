/** @file What the options of a request may be. None is passed over: a service's own are refused with the reason. */
import { OptionError } from '../errors'
import { nearest } from '../trainer/nearest'
import type { ChatCompletionCreateParams } from './wire'

/** What a value may be, in words and as a test. */
type Kind = readonly [expected: string, fits: (value: unknown) => boolean]
type Key = keyof ChatCompletionCreateParams

/** What was asked for; what was `null` is not there. */
export type ChatRequest = {
  readonly [Name in Key]: Exclude<ChatCompletionCreateParams[Name], null>
}

const within =
  (least: number, most: number) =>
  (value: unknown): boolean =>
    typeof value === 'number' && value >= least && value <= most
const isWhole = (value: unknown): value is number => Number.isSafeInteger(value)
const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isNamed = (value: unknown) => isObject(value) && isText(value.name)

const flag: Kind = ['true or false', (value) => typeof value === 'boolean']
const whole = (least: number, most = Number.MAX_SAFE_INTEGER): Kind => [
  most === Number.MAX_SAFE_INTEGER
    ? `a whole number from ${least} on`
    : `a whole number from ${least} to ${most}`,
  (value) => isWhole(value) && within(least, most)(value),
]
const number = (least: number, most: number): Kind => [
  `a number from ${least} to ${most}`,
  within(least, most),
]

const kinds: Readonly<Record<Key, Kind>> = {
  messages: ['a list of messages', Array.isArray],
  model: ["the model's name", isText],
  stream: flag,
  stream_options: [
    '{ include_usage: true | false }',
    (value) =>
      isObject(value) &&
      Object.entries(value).every(([key, on]) => key === 'include_usage' && typeof on === 'boolean'),
  ],
  n: whole(1, 128),
  temperature: number(0, 2),
  top_p: ['a number above 0, to 1', (value) => within(0, 1)(value) && value !== 0],
  seed: ['a whole number', isWhole],
  max_completion_tokens: whole(1),
  max_tokens: whole(1),
  stop: [
    'a text or a list of texts, none of them empty',
    (value) => isText(value) || (Array.isArray(value) && value.every(isText)),
  ],
  frequency_penalty: number(-2, 2),
  presence_penalty: number(-2, 2),
  logit_bias: [
    'token ids with numbers from -100 to 100, such as { "50256": -100 }',
    (value) =>
      isObject(value) &&
      Object.entries(value).every(([id, bias]) => /^\d+$/.test(id) && within(-100, 100)(bias)),
  ],
  logprobs: flag,
  top_logprobs: whole(0, 20),
  response_format: [
    "{ type: 'text' }, { type: 'json_object' } or { type: 'json_schema', json_schema: { name, schema } }",
    (value) =>
      isObject(value) &&
      (value.type === 'text' ||
        value.type === 'json_object' ||
        (value.type === 'json_schema' &&
          isNamed(value.json_schema) &&
          isObject((value.json_schema as Record<string, unknown>).schema ?? {}))),
  ],
  tools: [
    "a list of { type: 'function', function: { name, description, parameters } }",
    (value) =>
      Array.isArray(value) &&
      value.every((tool) => isObject(tool) && tool.type === 'function' && isNamed(tool.function)),
  ],
  tool_choice: [
    "'none', 'auto', 'required' or { type: 'function', function: { name } }",
    (value) =>
      ['none', 'auto', 'required'].some((choice) => choice === value) ||
      (isObject(value) && value.type === 'function' && isNamed(value.function)),
  ],
}

/** What the API has and no model in a tab can act on. */
const refused: Readonly<Record<string, string>> = {
  audio: 'these models write text',
  modalities: 'these models write text',
  function_call: 'give tool_choice',
  functions: 'give tools',
  parallel_tool_calls: 'the model itself decides how many functions it calls',
  prediction: 'generate() has promptLookupNumTokens and assistantModel',
  reasoning_effort: 'what a chat template makes of it differs from model to model',
  verbosity: 'no chat template reads it; say it in a message',
  web_search_options: 'nothing leaves the tab',
  metadata: 'nothing is stored',
  store: 'nothing is stored',
  user: 'the tab has one user',
  safety_identifier: 'the tab has one user',
  prompt_cache_key: 'there is no service that could cache',
  service_tier: 'there is no service',
}

/** @throws {OptionError} when an option is unknown, can't be acted on, or has a value that makes no sense */
export function checked(params: ChatCompletionCreateParams): ChatRequest {
  const given = Object.entries(params ?? {}).filter(([, value]) => (value ?? null) !== null)
  for (const [key, value] of given) {
    if (Object.hasOwn(refused, key))
      throw new OptionError(`${key} can't be acted on here: ${refused[key]}. Leave it out.`)
    if (!Object.hasOwn(kinds, key))
      throw new OptionError(
        `chat.completions.create() has no option "${key}". Did you mean "${nearest(key, Object.keys(kinds))}"?`,
      )
    const [expected, fits] = kinds[key as Key]
    if (!fits(value)) throw new OptionError(`${key} is ${JSON.stringify(value)}, expected ${expected}.`)
  }
  const request = Object.fromEntries(given) as unknown as ChatRequest
  checkTogether(request)
  return request
}

function checkTogether({
  max_tokens,
  max_completion_tokens = max_tokens,
  stream,
  stream_options,
  logprobs,
  top_logprobs,
  tools,
  tool_choice,
  response_format,
}: ChatRequest) {
  if (max_tokens !== undefined && max_tokens !== max_completion_tokens)
    throw new OptionError(
      `max_tokens is ${max_tokens} and max_completion_tokens ${max_completion_tokens}. They are one; give the latter.`,
    )
  if (stream_options && !stream) throw new OptionError('stream_options go with stream: true.')
  if (top_logprobs !== undefined && !logprobs) throw new OptionError('top_logprobs go with logprobs: true.')
  if (tool_choice && tool_choice !== 'none' && !tools?.length)
    throw new OptionError('tool_choice is about tools, but there are none.')
  if (typeof tool_choice === 'object') {
    const names = tools!.map((tool) => tool.function.name)
    const { name } = tool_choice.function
    if (!names.includes(name))
      throw new OptionError(`tool_choice is the function "${name}". Known: ${names.join(', ')}.`)
  }
  const free = tool_choice === undefined || tool_choice === 'auto'
  if (tools?.length && free && response_format && response_format.type !== 'text')
    throw new OptionError(
      'response_format leaves the model no way to call a function. Leave out tools, or set tool_choice.',
    )
}
