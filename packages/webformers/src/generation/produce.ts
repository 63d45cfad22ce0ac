/** @file One generation: a configuration and prompts become a request, and what the worker gives Python's outputs. */
import type {
  Constraint,
  Generated,
  GenerationHooks,
  GenerationRequest,
  GenerationSettings,
  LoadedDecoder,
  PlainTensors,
  Prompt,
  SpeechRequest,
} from '@webformers/runtime'
import { SequenceTooLongError } from '@webformers/runtime'
import type { PreTrainedTokenizer } from '@webformers/tokenizers'
import type { Programs } from '../programs'
import { type Request, requestOf } from '../requests'
import type { Tensor } from '../tensor'
import { draftOf } from './assistant'
import { stateOf } from './cache'
import type { CallOnly, OnTokens } from './call'
import type { GenerationConfig } from './configuration'
import { type GenerateOutput, matrix, outputOf } from './outputs'
import { type Prompts, promptsOf } from './prompt'
import { checkResponseFormat, finishReasons } from './response-format'
import { settingsOf } from './settings'
import { tokenBytes, tokenTexts } from './token-texts'
import { warnOnce } from './validation'
import type { GenerationValues } from './values'
import { lastOf, type Wanted, wantedOf, withEarly } from './wanted'

export interface Production {
  readonly prompts: Prompts
  readonly config: GenerationConfig
  /** What the call itself set. */
  readonly values: Partial<GenerationValues>
  readonly others: CallOnly
  readonly onTokens?: OnTokens
  readonly speech?: SpeechRequest
  /** Set where other generations read what the encoder makes of the same inputs. */
  readonly encoding?: Prompt['encoding']
}

export interface Produced {
  /** Prompts and what follows, [batch × numReturnSequences, longest]. */
  readonly sequences: Tensor<'int32'>
  /** All that was asked for. */
  readonly output: GenerateOutput
  readonly generated: Generated
  readonly decoder: LoadedDecoder
}

export async function produce(model: Programs, production: Production): Promise<Produced> {
  const { prompts, config, values, others, onTokens, speech } = production
  const { tokenizer, signal, streamer, pastKeyValues } = others
  const settings = settingsOf(config, {
    promptLength: prompts.rows[0]!.length,
    values,
    isEncoderDecoder: prompts.encoder !== undefined,
    maxPositionEmbeddings: longest(model.config),
    hasAttentionMask: prompts.hasAttentionMask,
    streamed: (streamer ?? onTokens) !== undefined,
    batch: prompts.rows.length,
    assisted: others.assistantModel !== undefined,
    hasTokenizer: tokenizer !== undefined,
    hasCache: pastKeyValues !== undefined,
    device: model.capabilities.device,
  })
  const formed = checkResponseFormat(others.responseFormat, settings, values, tokenizer !== undefined)
  const wanted = wantedOf(model, config, settings.mode, speech?.alignment !== undefined)
  const adapted = withEarly(model.adapters?.request(requestOf({}, {})) ?? requestOf({}, {}), wanted.early)
  const decoder = await model.decoder(wanted.outputs, adapted, signal)
  return model.using(decoded(model, production, { decoder, settings: formed, wanted, adapted }))
}

/** What a generation goes on with. */
interface Prepared {
  readonly decoder: LoadedDecoder
  readonly settings: GenerationSettings
  readonly wanted: Wanted
  readonly adapted: Request
}

async function decoded(
  model: Programs,
  { prompts, config, others, onTokens, speech, encoding }: Production,
  { decoder, settings, wanted, adapted }: Prepared,
): Promise<Produced> {
  const { signal, streamer, pastKeyValues } = others
  const draft = others.assistantModel && (await draftOf(others.assistantModel, model, signal))
  const bounded = within(settings, decoder.program.decode.inputs.position_ids?.below, prompts, model.config)
  const request = await requestFor({ prompts, settings: bounded, config, wanted, decoder, others, speech })
  for (const row of streamer ? prompts.rows : []) await streamer!.put(row)
  const prompt = {
    keep: prompts.keep,
    inputs: { ...prompts.encoder?.inputs, ...prompts.beside },
    parameters: adapted.inputs as PlainTensors,
    caching: cachingOf(config, bounded),
    encoding,
  }
  const given = {
    hooks: hooksOf(others, onTokens && ((tokens) => onTokens(tokens, prompts.rows.length))),
    draft,
    signal,
  }
  const state = stateOf(model.policy, adapted)
  const generated = await (pastKeyValues
    ? pastKeyValues.read({ model, decoder, state }, (cache) =>
        decoder.generate(prompt, request, { ...given, cache }),
      )
    : decoder.generate(prompt, request, given))
  streamer?.end?.()
  const vocabulary = Number(decoder.program.decode.outputs.logits!.shape.at(-1))
  const reasons = finishReasons(generated.sequences, bounded, prompts.rows[0]!.length)
  const sequences = matrix(generated.sequences)
  return { sequences, output: outputOf(generated, vocabulary, reasons), generated, decoder }
}

/** What the worker is asked for. */
async function requestFor({
  prompts,
  settings,
  config,
  wanted: { lists, compared, early },
  decoder,
  others: { seed, negativePromptIds, tokenizer, responseFormat },
  speech,
}: {
  prompts: Prompts
  settings: GenerationSettings
  config: GenerationConfig
  wanted: Wanted
  decoder: LoadedDecoder
  others: CallOnly
  speech: SpeechRequest | undefined
}): Promise<GenerationRequest> {
  return {
    settings,
    prompts: prompts.rows,
    promptMasks: prompts.keep,
    lists,
    earlyOutputs: early.map((_, i) => `early.${i}`),
    ...(compared.length > 0 && { hiddenOutput: lastOf(decoder.program.decode.outputs, compared[0]!) }),
    seed,
    ...(prompts.encoder?.rows && { encoderInputs: prompts.encoder.rows }),
    ...(speech && { speech }),
    ...(negativePromptIds !== undefined && {
      negativePrompts: promptsOf({ input_ids: negativePromptIds }, config).rows,
    }),
    ...(tokenizer && settings.stop_strings.length > 0 && { tokens: await tokenTexts(tokenizer) }),
    ...(responseFormat && { constraint: await constraintOf(responseFormat, tokenizer!) }),
  }
}

async function constraintOf(
  format: Constraint['format'],
  tokenizer: PreTrainedTokenizer,
): Promise<Constraint> {
  const { id, tokens } = await tokenBytes(tokenizer)
  return { format, tokenizer: id, tokens }
}

/** How what is read is kept. */
function cachingOf(
  { cache_implementation, prefill_chunk_size }: GenerationConfig,
  { mode, max_length }: GenerationSettings,
): NonNullable<Prompt['caching']> {
  // Python's own choice, too: these two take back what they have read.
  const whole = mode === 'assisted_generation' || mode === 'contrastive_search'
  const implementation =
    cache_implementation === 'static' ? 'static' : whole ? 'dynamic_full' : cache_implementation
  return {
    ...(implementation === 'static' || implementation === 'dynamic_full' ? { implementation } : {}),
    ...(implementation === 'static' && { maxLength: max_length }),
    ...(prefill_chunk_size !== null && { chunk: prefill_chunk_size }),
  }
}

function hooksOf(
  { logitsProcessor, stoppingCriteria, prefixAllowedTokensFn, streamer }: CallOnly,
  onTokens: GenerationHooks['onTokens'] = streamer && ((tokens) => streamer.put(tokens)),
): GenerationHooks {
  const processors = logitsProcessor === undefined ? [] : [logitsProcessor].flat()
  return {
    ...(processors.length > 0 && { logitsProcessors: processors }),
    ...(stoppingCriteria && { stoppingCriteria }),
    ...(prefixAllowedTokensFn && {
      prefixAllowedTokens: (batches, rows) =>
        Promise.all(batches.map((batch, i) => prefixAllowedTokensFn(batch, rows[i]!))),
    }),
    ...(onTokens && { onTokens }),
  }
}

/** The longest text that a configuration tells of. */
const longest = (config: object): number | undefined =>
  (config as { max_position_embeddings?: number }).max_position_embeddings

/** Where a table ends, a text does. @throws {SequenceTooLongError} when the prompt is longer */
function within(
  settings: GenerationSettings,
  positions: number | undefined,
  { rows: [first] }: Prompts,
  config: object,
): GenerationSettings {
  const known = longest(config)
  if (positions === undefined && known !== undefined && first!.length >= known)
    warnOnce(
      `the prompt has ${first!.length} tokens, but the model was made for texts of ${known}; beyond, answers get worse.`,
    )
  if (positions === undefined || settings.max_length <= positions) return settings
  if (first!.length >= positions) throw new SequenceTooLongError('prompt', first!.length, positions - 1)
  warnOnce(
    `answers end when prompt and answer have ${positions} tokens, the most that this model can read; ${settings.max_length} were asked for.`,
  )
  return { ...settings, max_length: positions }
}
