/** @file A request, as tokens and as options of `generate()`. */
import { SequenceTooLongError } from '@webformers/runtime'
import type { PreTrainedTokenizer } from '@webformers/tokenizers'
import { OptionError } from '../errors'
import type { GenerateOptions } from '../generation/call'
import type { GenerationConfig } from '../generation/configuration'
import type { PreTrainedModel } from '../model'
import { callOpening } from '../pipelines/tool-calls'
import { type ChatRequest, checked } from './checks'
import { templateMessages } from './messages'
import type { ChatCompletionCreateParams, ChatCompletionTool } from './wire'

/** Who answers. */
export interface Speaker {
  readonly model: PreTrainedModel
  readonly tokenizer: PreTrainedTokenizer
  readonly name: string
}

/** Functions that may be called, and how the model was told of them. */
export interface Callable {
  readonly tools: readonly ChatCompletionTool[]
  readonly template: string
}

/** A request that makes sense. */
export interface Settled {
  readonly params: ChatRequest
  readonly ids: readonly number[]
  /** What an answer begins with that the prompt ends with. */
  readonly begun: string
  readonly callable?: Callable
  readonly stops: readonly string[]
  /** Tokens that end an answer. */
  readonly ends: readonly number[]
  readonly maxTokens: number
  readonly options: GenerateOptions
}

/** @throws {OptionError} @throws {InputError} @throws {SequenceTooLongError} @throws {TokenizerError} when the model has no chat template */
export async function settle(
  { model, tokenizer, name }: Speaker,
  given: ChatCompletionCreateParams,
): Promise<Settled> {
  const params = checked(given)
  if (params.model !== undefined && params.model !== name)
    throw new OptionError(
      `model is "${params.model}", but this client's is "${name}". Leave it out, or load a client of that model.`,
    )
  const config = await model.getGenerationConfig()
  const callable = callableOf(params, tokenizer)
  const begun =
    params.tool_choice === 'required' || typeof params.tool_choice === 'object'
      ? callOpening(callable!.template)
      : ''
  const ids = idsOf(params, callable, begun, tokenizer)
  const { stop = [] } = params
  const stops = [stop].flat()
  const responseFormat = formatOf(params)
  const ends = [...new Set([config.eos_token_id ?? [], tokenizer.eosTokenId ?? []].flat())]
  const maxTokens = roomFor(ids, longestOf(model, tokenizer), params)
  return {
    params,
    ids,
    begun,
    ...(callable && { callable }),
    stops,
    ends,
    maxTokens,
    options: {
      ...sampling(params, config),
      maxNewTokens: maxTokens,
      ...(ends.length > 0 && { eosTokenId: ends, padTokenId: config.pad_token_id ?? ends[0]! }),
      ...(responseFormat && { responseFormat, tokenizer }),
      ...(stops.length > 0 && { stopStrings: stops, tokenizer }),
      ...(params.seed !== undefined && { seed: params.seed }),
      returnDictInGenerate: false,
    },
  }
}

/** How many tokens an answer may have. @throws {SequenceTooLongError} @throws {OptionError} when nobody says how many */
function roomFor(
  { length }: readonly number[],
  longest: number,
  { max_tokens, max_completion_tokens = max_tokens ?? Number.POSITIVE_INFINITY }: ChatRequest,
): number {
  if (length >= longest) throw new SequenceTooLongError('prompt', length, longest - 1)
  const most = Math.min(max_completion_tokens, longest - length)
  if (Number.isFinite(most)) return most
  throw new OptionError('How much this model can read is not known. Give max_completion_tokens.')
}

const longestOf = ({ config }: PreTrainedModel, { modelMaxLength }: PreTrainedTokenizer): number => {
  const { max_position_embeddings } = config as { max_position_embeddings?: number }
  // Tokenizers without a limit have a number that no text reaches.
  return max_position_embeddings ?? (modelMaxLength < 1e9 ? modelMaxLength : Number.POSITIVE_INFINITY)
}

/** What a model's own configuration says where the request says nothing; of a model that does not sample by itself, all tokens count. */
function sampling({ temperature, top_p, n }: ChatRequest, config: GenerationConfig): GenerateOptions {
  const own = config.do_sample ? config : undefined
  const heat = temperature ?? own?.temperature ?? 1
  const common: GenerateOptions = { numBeams: 1, numBeamGroups: 1, diversityPenalty: 0 }
  if (heat === 0)
    return { ...common, doSample: false, temperature: 1, topP: 1, topK: 50, numReturnSequences: 1 }
  return {
    ...common,
    doSample: true,
    temperature: heat,
    topP: top_p ?? own?.top_p ?? 1,
    topK: own?.top_k ?? 0,
    numReturnSequences: n ?? 1,
  }
}

function callableOf(
  { tools, tool_choice }: ChatRequest,
  tokenizer: PreTrainedTokenizer,
): Callable | undefined {
  if (!tools?.length || tool_choice === 'none') return undefined
  const chosen =
    typeof tool_choice === 'object'
      ? tools.filter((tool) => tool.function.name === tool_choice.function.name)
      : tools
  const template = tokenizer.getChatTemplate({ tools: [...tools] })
  if (!/tools\b/.test(template))
    throw new OptionError(
      'The chat template of this model does not read tools, so it would not hear of them. Load one that was trained to call functions.',
    )
  return { tools: chosen, template }
}

function idsOf(
  { messages }: ChatRequest,
  callable: Callable | undefined,
  begun: string,
  tokenizer: PreTrainedTokenizer,
): readonly number[] {
  const tools = callable && [...callable.tools]
  const { input_ids } = tokenizer.applyChatTemplate(templateMessages(messages), {
    addGenerationPrompt: true,
    // SmolLM3 has a name of its own for them.
    ...(tools && (/\btools\b/.test(callable.template) ? { tools } : { xml_tools: tools })),
    tokenize: true,
    returnDict: true,
    returnTensors: false,
  })
  const ids = input_ids as readonly number[]
  return begun === '' ? ids : [...ids, ...tokenizer.encode(begun, { addSpecialTokens: false })]
}

/** What keeps an answer to a form: that of JSON which was asked for, or that of a call. */
function formatOf({ response_format, tools, tool_choice }: ChatRequest): GenerateOptions['responseFormat'] {
  if (tool_choice === 'required' || typeof tool_choice === 'object') {
    const name = typeof tool_choice === 'object' ? tool_choice.function.name : undefined
    const calls = tools!.filter((tool) => name === undefined || tool.function.name === name).map(schemaOfCall)
    return { type: 'json_schema', schema: calls.length === 1 ? calls[0]! : { anyOf: calls } }
  }
  switch (response_format?.type) {
    case 'json_object':
      return { type: 'json_object' }
    case 'json_schema':
      return { type: 'json_schema', schema: response_format.json_schema.schema ?? {} }
  }
}

const schemaOfCall = ({ function: { name, parameters } }: ChatCompletionTool) => ({
  type: 'object',
  properties: { name: { const: name }, arguments: parameters ?? { type: 'object' } },
  required: ['name', 'arguments'],
  additionalProperties: false,
})
