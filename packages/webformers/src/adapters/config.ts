/** @file What an adapter is: PEFT's configurations, and their form in `adapter_config.json`. */
import type { Modules } from '@webformers/models'
import { loraDefaults, promptDefaults, refusedOptions } from './config-keys'
import { AdapterError, UnsupportedAdapterError } from './errors'

export type TaskType =
  | 'SEQ_CLS'
  | 'SEQ_2_SEQ_LM'
  | 'CAUSAL_LM'
  | 'TOKEN_CLS'
  | 'QUESTION_ANS'
  | 'FEATURE_EXTRACTION'

interface CommonConfig {
  /** What the model is for: the new head of a classifier is trained and saved with the adapter. */
  taskType?: TaskType | null
  /** Ends of the paths of modules that are trained and saved whole. */
  modulesToSave?: readonly string[] | null
  /** What the adapter is made for, for whoever loads it. */
  baseModelNameOrPath?: string | null
  revision?: string | null
}

/** A low-rank adapter. Like `LoraConfig` of Python's PEFT. */
export interface LoraConfig extends CommonConfig {
  peftType: 'LORA'
  /** The rank. Default: 8. */
  r?: number
  /** Products are multiplied by `loraAlpha / r`. Default: 8. */
  loraAlpha?: number
  /** How probably an entry of a layer's input is dropped in training. Default: 0. */
  loraDropout?: number
  /** Ends of paths, a regular expression for whole paths, or `'all-linear'`. Default: the attention's queries and values. */
  targetModules?: Modules | null
  excludeModules?: Modules | null
  /** The numbers of the layers whose modules are meant. */
  layersToTransform?: number | readonly number[] | null
  /** What stands before the number of a layer. */
  layersPattern?: string | readonly string[] | null
  /** Ranks by the ends of paths. */
  rankPattern?: Readonly<Record<string, number>>
  /** Alphas by the ends of paths. */
  alphaPattern?: Readonly<Record<string, number>>
  /** Which biases are trained: none, all, or those of the modules that are adapted. */
  bias?: 'none' | 'all' | 'lora_only'
  /** Whether products are multiplied by `loraAlpha / √r`. */
  useRslora?: boolean
  /** `true`: nothing changes at first; `'gaussian'`: the same, A drawn from a normal distribution; `false`: both are random. */
  initLoraWeights?: boolean | 'gaussian'
  /** PEFT sets it for layers whose weight lies as [inputs, outputs], which is known here. */
  fanInFanOut?: boolean
}

/** Virtual tokens before a text. Like `PromptTuningConfig` of Python's PEFT. */
export interface PromptTuningConfig extends CommonConfig {
  peftType: 'PROMPT_TUNING'
  numVirtualTokens: number
  /** What they are at first: random, the tokens of `promptTuningInitText`, or random tokens of the vocabulary. Default: `'RANDOM'`. */
  promptTuningInit?: 'RANDOM' | 'TEXT' | 'SAMPLE_VOCAB'
  promptTuningInitText?: string | null
  /** The repository of the tokenizer that reads the text. */
  tokenizerNameOrPath?: string | null
}

export type AdapterConfig = LoraConfig | PromptTuningConfig

/** A configuration as the file has it. */
export type AdapterJson = Record<string, unknown>

const kinds = { LORA: loraDefaults, PROMPT_TUNING: promptDefaults } as const

/** A configuration with every key of its kind, as PEFT writes it. `given` is the file's, or in camelCase. */
export function completeConfig(given: object): AdapterJson & { peft_type: keyof typeof kinds } {
  const json: AdapterJson = Object.fromEntries(
    Object.entries(given).flatMap(([key, value]) => (value === undefined ? [] : [[snakeCase(key), value]])),
  )
  const kind = json.peft_type
  if (typeof kind !== 'string' || !Object.hasOwn(kinds, kind)) {
    throw new UnsupportedAdapterError(
      `The adapter is of peft_type ${JSON.stringify(kind)}; supported: ${Object.keys(kinds).join(', ')}. ` +
        'Merge it into its model with PEFT, and load that.',
    )
  }
  const defaults = kinds[kind as keyof typeof kinds]
  refuseOptions(json)
  const complete = { ...defaults, ...json } as AdapterJson & { peft_type: keyof typeof kinds }
  for (const [key, check] of Object.entries(checks)) {
    if (!(key in complete) || check.of(complete[key])) continue
    throw new AdapterError(
      `The adapter's ${key} is ${JSON.stringify(complete[key])}, expected ${check.expected}.`,
    )
  }
  return complete
}

/** Options that change what an adapter computes, and that nothing here computes. */
function refuseOptions(json: AdapterJson) {
  const empty = (value: unknown) =>
    value === null ||
    value === undefined ||
    value === false ||
    (typeof value === 'object' && Object.keys(value).length === 0)
  const found = Object.keys(json).filter((key) => refusedOptions.has(key) && !empty(json[key]))
  if (found.length > 0) {
    const named = found.map((key) => `${key} = ${JSON.stringify(json[key])}`).join(', ')
    throw new UnsupportedAdapterError(
      `The adapter has ${named}, which is not supported. Merge it into its model with PEFT, and load that.`,
    )
  }
  const init = json.init_lora_weights ?? true
  if (init !== true && init !== false && init !== 'gaussian') {
    throw new UnsupportedAdapterError(
      `The adapter has init_lora_weights = ${JSON.stringify(init)}, which changes the weights of its model. Supported: true, false, "gaussian". ` +
        'Convert it with save_pretrained(path_initial_model_for_weight_conversion=…) of PEFT.',
    )
  }
}

const positive = (value: unknown) => Number.isInteger(value) && Number(value) > 0
const strings = (value: unknown): boolean =>
  Array.isArray(value) && value.every((each) => typeof each === 'string')
const modules = (value: unknown) => value === null || typeof value === 'string' || strings(value)

const checks: Readonly<Record<string, { of(value: unknown): boolean; expected: string }>> = {
  r: { of: positive, expected: 'a whole number above zero' },
  num_virtual_tokens: { of: positive, expected: 'a whole number above zero' },
  lora_alpha: { of: (value) => typeof value === 'number', expected: 'a number' },
  lora_dropout: {
    of: (value) => typeof value === 'number' && value >= 0 && value < 1,
    expected: 'a probability below 1',
  },
  target_modules: { of: modules, expected: 'an array of names, or a regular expression' },
  exclude_modules: { of: modules, expected: 'an array of names, or a regular expression' },
  modules_to_save: {
    of: (value) => value === null || strings(value),
    expected: 'an array of names',
  },
  bias: {
    of: (value) => value === 'none' || value === 'all' || value === 'lora_only',
    expected: '"none", "all" or "lora_only"',
  },
  prompt_tuning_init: {
    of: (value) => value === 'RANDOM' || value === 'TEXT' || value === 'SAMPLE_VOCAB',
    expected: '"RANDOM", "TEXT" or "SAMPLE_VOCAB"',
  },
}

const snakeCase = (key: string) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
