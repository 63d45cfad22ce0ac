/** @file What the parameters of an adapter are in a model: their names in the model and in the file, and their shapes. */
import {
  type AdaptableModules,
  allLinear,
  type Json,
  type LinearModule,
  lowRankName,
  type Modules,
  patternValue,
  promptName,
  targetsOf,
  usualTargets,
} from '@webformers/models'
import type { AdapterJson } from './config'
import { AdapterError, UnsupportedAdapterError } from './errors'

/** A parameter that an adapter has. */
export interface AdapterParameter {
  /** Its name in the model. */
  readonly name: string
  /** Its name in `adapter_model.safetensors`. */
  readonly key: string
  readonly shape: readonly number[]
  /** Whether it is one of the model's own, trained whole. */
  readonly whole: boolean
}

export interface LowRankLayer extends LinearModule {
  readonly rank: number
  readonly scaling: number
}

/** An adapter as a model has it. */
export interface AdapterPlan {
  readonly name: string
  /** As it is saved. */
  readonly config: AdapterJson & { readonly peft_type: string }
  readonly layers: readonly LowRankLayer[]
  readonly dropout: number
  readonly prompt?: { readonly rows: number; readonly tokens: number }
  readonly parameters: readonly AdapterParameter[]
}

/** What a model tells of itself. */
export interface Adaptable extends AdaptableModules {
  readonly config: Json & { readonly model_type: string }
}

/**
 * What an adapter of such a configuration is in a model.
 * @throws {AdapterError} when the model has no such modules.
 * @throws {UnsupportedAdapterError} when a module that is meant can't be adapted.
 */
export function planAdapter(name: string, config: AdapterPlan['config'], model: Adaptable): AdapterPlan {
  return config.peft_type === 'LORA' ? planLora(name, config, model) : planPrompt(name, config, model)
}

function planLora(name: string, given: AdapterPlan['config'], model: Adaptable): AdapterPlan {
  const [target_modules, layers] = targetedLayers(given, model)
  const fan_in_fan_out = layers.some(({ transposed }) => transposed)
  const config = { ...given, target_modules, fan_in_fan_out }
  const ranked = layers.map((layer): LowRankLayer => {
    const rank = patternValue(given.rank_pattern as Record<string, number>, layer.path) ?? Number(given.r)
    const alpha =
      patternValue(given.alpha_pattern as Record<string, number>, layer.path) ?? Number(given.lora_alpha)
    return { ...layer, rank, scaling: alpha / (given.use_rslora ? Math.sqrt(rank) : rank) }
  })
  const products = ranked.flatMap(({ path, rank, inputs, outputs }) => [
    lowRank(path, 'A', name, [rank, inputs]),
    lowRank(path, 'B', name, [outputs, rank]),
  ])
  const parameters = [...products, ...wholeParameters(config, ranked, model, 'base_model.model.')]
  return { name, config, layers: ranked, dropout: Number(given.lora_dropout), parameters }
}

const lowRank = (
  path: string,
  side: 'A' | 'B',
  name: string,
  shape: readonly number[],
): AdapterParameter => ({
  name: lowRankName(path, side, name),
  key: `base_model.model.${path}.lora_${side}.weight`,
  shape,
  whole: false,
})

/** The modules as they are saved, and the layers that they are. */
function targetedLayers(config: AdapterJson, model: Adaptable): [Modules, LinearModule[]] {
  const targetModules = targetModulesOf(config, model)
  const paths = targetsOf(
    {
      targetModules,
      excludeModules: (config.exclude_modules as Modules | null) ?? undefined,
      layersToTransform: (config.layers_to_transform as number | null) ?? undefined,
      layersPattern: (config.layers_pattern as string | null) ?? undefined,
      modulesToSave: (config.modules_to_save as string[] | null) ?? undefined,
    },
    model.modules,
  )
  const asked = JSON.stringify(targetModules)
  if (paths.length === 0) {
    throw new AdapterError(
      `The model has no module that ${asked} means. Its linear layers are ${listed(model.linear.map(({ path }) => path))}.`,
    )
  }
  const known = new Map(model.linear.map((layer) => [layer.path, layer]))
  const others = paths.filter((path) => !known.has(path))
  if (others.length > 0) {
    throw new UnsupportedAdapterError(
      `${asked} means ${listed(others)}, but only linear layers can be adapted: ${listed([...known.keys()])}.`,
    )
  }
  return [targetModules, paths.map((path) => known.get(path)!)]
}

function targetModulesOf({ target_modules, task_type }: AdapterJson, model: Adaptable): Modules {
  if (typeof target_modules === 'string' && target_modules.toLowerCase() === 'all-linear')
    return allLinear(model, task_type === 'SEQ_CLS')
  const found = (target_modules as Modules | null) ?? usualTargets(model.config.model_type)
  if (found) return found
  throw new AdapterError(
    `Nobody knows which modules of model_type "${model.config.model_type}" are adapted usually: say targetModules, which may be 'all-linear', ` +
      `or of ${listed(model.linear.map(({ path }) => path))}.`,
  )
}

/** Parameters of the model that are trained whole: those of modules to save, and biases. */
function wholeParameters(
  { modules_to_save, bias }: AdapterJson,
  layers: readonly LinearModule[],
  { modules, parameters }: Adaptable,
  prefix: string,
): AdapterParameter[] {
  const wanted = modules_to_save as readonly string[] | null
  const saved = modules.filter((path) => wanted?.some((end) => path.endsWith(end)))
  if (wanted && wanted.length > 0 && saved.length === 0)
    throw new AdapterError(
      `The model has none of the modules to save: ${wanted.join(', ')}. It has ${listed(modules)}.`,
    )
  const adapted = new Set(layers.map(({ path }) => `${path}.bias`))
  return parameters.flatMap(({ names, shape }) => {
    const [name] = names as [string, ...string[]]
    const inside = names.find((each) => saved.some((path) => each.startsWith(`${path}.`)))
    if (inside) return [{ name, key: prefix + inside, shape, whole: true }]
    // A tied bias is in the file under each of its names.
    return names.flatMap((each) => {
      const own = adapted.has(each)
      const trained = bias === 'all' ? each.includes('bias') : bias === 'lora_only' && own
      const key = own ? each.replace(/bias$/, 'base_layer.bias') : each
      return trained ? [{ name, key: prefix + key, shape, whole: true }] : []
    })
  })
}

function planPrompt(name: string, given: AdapterPlan['config'], model: Adaptable): AdapterPlan {
  const table = model.parameters.find(({ names }) => names[0] === model.table)
  if (!table)
    throw new AdapterError(
      'Virtual tokens stand before a text, and this model reads none: use an adapter of peftType LORA.',
    )
  const tokens = Number(given.num_virtual_tokens)
  const num_transformer_submodules = Number(
    given.num_transformer_submodules ?? (given.task_type === 'SEQ_2_SEQ_LM' ? 2 : 1),
  )
  const [rows, token_dim] = [tokens * num_transformer_submodules, table.shape[1]!]
  const config = {
    ...given,
    num_attention_heads: countIn(model.config, ['num_attention_heads', 'num_heads', 'n_head']),
    num_layers: countIn(model.config, ['num_hidden_layers', 'num_layers', 'n_layer']),
    num_transformer_submodules,
    token_dim,
  }
  const whole = wholeParameters(config, [], model, 'base_model.')
  const prompt = { name: promptName(name), key: 'prompt_embeddings', shape: [rows, token_dim], whole: false }
  return { name, config, layers: [], dropout: 0, prompt: { rows, tokens }, parameters: [prompt, ...whole] }
}

/** What architectures name differently. */
const countIn = (config: Json, keys: readonly string[]) =>
  keys.map((key) => config[key]).find((value) => typeof value === 'number') ?? null

const LISTED = 12
/** As many as a reader can take in. */
export const listed = (names: readonly string[]) =>
  names.length <= LISTED ? names.join(', ') : `${names.slice(0, LISTED).join(', ')}, … (${names.length})`
