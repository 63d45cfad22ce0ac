/** @file The options of the tasks that write text: the task's own, and those of `generate()`. */
import type { PretrainedConfig } from '@webformers/models'
import type { PreTrainedTokenizer } from '@webformers/tokenizers'
import { OptionError } from '../errors'
import { CALL_ONLY, type CallOnly, type GenerateOptions } from '../generation/call'
import { GenerationConfig, isKey } from '../generation/configuration'
import { configOf, splitOptions } from '../generation/options'
import { warnOnce } from '../generation/validation'
import { defaults, type GenerationValues } from '../generation/values'
import type { LoadOptions } from '../load-options'
import type { PreTrainedModel } from '../model'
import type { Context } from './task'

/** What loading takes besides, and no call. */
const LOADING = [
  'revision',
  'subfolder',
  'token',
  'endpoint',
  'localFilesOnly',
  'forceDownload',
  'cache',
  'evict',
  'fetch',
  'onProgress',
  'variant',
  'useSafetensors',
  'fromTf',
  'fromFlax',
  'ggufFile',
  'device',
  'dtype',
  'fromOnnx',
  'modelFileName',
  'outputs',
  'config',
  'threads',
  'ignoreMismatchedSizes',
  'keyMapping',
] as const satisfies readonly (keyof LoadOptions)[]
type Missing = Exclude<keyof LoadOptions, (typeof LOADING)[number] | 'seed' | 'signal'>
/** Does not compile where one is missing. */
const names: readonly string[] = LOADING satisfies [Missing] extends [never] ? unknown : never

/** The options of a pipeline that its calls go by, and not its loading alone. */
export const withoutLoading = (options: object): object =>
  Object.fromEntries(Object.entries(options).filter(([name]) => !names.includes(name)))

/** What `generate()` takes, as a task's options. */
export type GenerationOptions = Omit<GenerateOptions, 'signal' | 'tokenizer' | 'returnDictInGenerate'>

/** The options of a call, checked and completed. */
export interface Settled<Own> {
  readonly own: Own
  /** What the call sets of the configuration, by key. */
  readonly values: Partial<GenerationValues>
  /** What is not said in the call. */
  readonly config: GenerationConfig
  /** For `generate()`. */
  readonly options: GenerateOptions
  /** What stands before each text. */
  readonly prefix: string
}

/**
 * A call's options, apart: those of the task and those of `generate()`.
 * @param names the task's own options
 * @param standard how the task generates where neither the call nor the model says otherwise
 * @throws {OptionError} when there is no such option, naming the nearest, or a value makes no sense
 */
export async function settleGeneration<Own extends object>(
  given: Own & GenerationOptions,
  names: readonly (keyof Own & string)[],
  standard: Partial<GenerationValues>,
  context: Context,
  task = context.task,
): Promise<Settled<Own>> {
  const further = CALL_ONLY.filter((name) => name !== 'tokenizer') // the pipeline's is used
  const known = [...names, 'batchSize', ...further] as (keyof (Own & CallOnly) & string)[]
  const { values: all, others } = splitOptions<Own & CallOnly>(given, known, `The pipeline ${task}`)
  const { return_dict_in_generate: returnDictInGenerate, ...values } = all
  const givesAll = names.some((name) => name === 'returnDictInGenerate')
  if (returnDictInGenerate && !givesAll)
    throw new OptionError(
      `The pipeline ${task} gives texts or tokens. For what returnDictInGenerate gives call model.generate().`,
    )
  const { generationConfig } = others
  const own = Object.fromEntries(
    Object.entries({ ...others, ...(givesAll && { returnDictInGenerate }) }).filter(([name]) =>
      names.some((each) => each === name),
    ),
  )
  const options = Object.fromEntries(
    Object.entries(given).filter(([name]) => !Object.hasOwn(own, name) && name !== 'batchSize'),
  )
  const { prefix, ...params } = taskParams(context.config, task)
  const config = generationConfig ?? (await pipelineConfig(context, standard, params, values))
  return {
    own: own as Own,
    values,
    config,
    options: { ...options, generationConfig: config },
    prefix: typeof prefix === 'string' ? prefix : textOf(context.config.prefix),
  }
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : '')

/** What a model's configuration says of a task: older models of several tasks have it. */
export function taskParams(config: PreTrainedModel['config'], task: string): Record<string, unknown> {
  return (allTaskParams(config)[task] ?? {}) as Record<string, unknown>
}
export const allTaskParams = (config: PretrainedConfig): Record<string, unknown> =>
  ((config as { task_specific_params?: unknown }).task_specific_params ?? {}) as Record<string, unknown>

/** The task's standard, what the model's configuration says, and what that says of the task. Like the constructor of Python's
 * `Pipeline`, where the task's standard goes before the model's configuration. */
async function pipelineConfig(
  { model, tokenizer }: { model: PreTrainedModel; tokenizer: PreTrainedTokenizer },
  standard: Partial<GenerationValues>,
  params: Record<string, unknown>,
  { do_sample }: Partial<GenerationValues>,
): Promise<GenerationConfig> {
  // Who asks for no draws would only be told that the temperature has no effect.
  const { temperature, ...others } = standard
  const first = new GenerationConfig(do_sample === false ? { ...others, do_sample: false } : standard)
  const own = await model.getGenerationConfig()
  // With the keys that only some models read.
  const whole = own.with({ ...configOf(own, {}, first, true) })
  const { max_length, max_new_tokens, pad_token_id } = whole
  const ownLength = max_length !== null && max_length !== defaults.max_length
  return whole.with({
    ...(ownLength && max_new_tokens === standard.max_new_tokens && { max_new_tokens: null }),
    ...Object.fromEntries(Object.entries(params).filter(([key]) => isKey(key))),
    ...(pad_token_id === null && { pad_token_id: tokenizer.padTokenId ?? null }),
  })
}

/** What a call or else the configuration says. */
export const inForce = <Key extends keyof GenerationValues>(
  { values, config }: Pick<Settled<unknown>, 'values' | 'config'>,
  key: Key,
): GenerationValues[Key] => (values[key] ?? config[key]) as GenerationValues[Key]

/** A call whose texts end with tokens of a stop sequence. @param most how many of them can end one */
export function endingWith<Own>(
  call: Settled<Own>,
  sequence: string | undefined,
  { tokenizer }: Context,
  most: number,
): Settled<Own> {
  if (sequence === undefined) return call
  const ids = tokenizer.encode(sequence, { addSpecialTokens: false })
  if (ids.length > 1)
    warnOnce(
      `the stop sequence ${JSON.stringify(sequence)} has ${ids.length} tokens, and ${most === 1 ? 'the first' : 'any'} of them ends a text. For the whole of it use stopStrings.`,
    )
  const ends = ids.slice(0, most)
  return {
    ...call,
    values: { ...call.values, eos_token_id: ends },
    options: { ...call.options, eosTokenId: ends },
  }
}
