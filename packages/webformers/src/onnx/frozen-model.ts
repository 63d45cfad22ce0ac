/** @file A model whose graph somebody exported: called like any other, and honest about what a frozen graph can't give. */

import type { Repository } from '@webformers/hub'
import {
  ConfigurationError,
  type Head,
  type Json,
  type PretrainedConfig,
  pretrainedConfig,
  UnknownArchitectureError,
} from '@webformers/models'
import {
  type Capabilities,
  type Client,
  type Device,
  type ExportedFiles,
  InputError,
  type LoadedExport,
  type PlainTensors,
} from '@webformers/runtime'
import { readConfiguration } from '../configuration'
import { FrozenModelError, OptionError } from '../errors'
import { asTensor, type ModelInputs, type PastKeyValues, type Value } from '../inputs'
import type { ExportedPrecision, LoadOptions } from '../load-options'
import { type ForwardOptions, gatherLists, type ModelOutput } from '../outputs'
import type { Tensor } from '../tensor'
import { flattenCache, nestCache } from './cache'
import { findGraphs, type GraphFiles, halfPrecision } from './graph-files'
import { type MethodsOfParts, refusals } from './refusals'

/** Outputs of each layer, given only to who asks for them: `hidden_states`, `decoder_attentions`, … */
const ofLayers = { hidden_states: /(^|_)hidden_states\.\d+$/, attentions: /(^|_)attentions\.\d+$/ }
const isOfLayers = (name: string) => Object.values(ofLayers).some((kind) => kind.test(name))

/** What tokenizers give and not every graph takes. */
const OPTIONAL = ['attention_mask', 'token_type_ids', 'position_ids']

/** What a head must give to be one. */
const answers: Partial<Record<Head, readonly string[]>> = {
  Model: ['last_hidden_state'],
  EncoderModel: ['last_hidden_state'],
  ForQuestionAnswering: ['start_logits', 'end_logits'],
}

export class FrozenModel {
  readonly dtype: ExportedPrecision
  readonly #outputs: readonly string[]
  readonly #what: string

  private constructor(
    readonly client: Client,
    readonly capabilities: Capabilities,
    readonly config: PretrainedConfig & Json,
    readonly loaded: LoadedExport,
    graphs: GraphFiles,
    head: Head,
    options: LoadOptions,
  ) {
    const [first] = Object.values(graphs)
    this.dtype = first!.precision
    this.#what = Object.values(graphs)
      .map(({ path }) => path)
      .join(', ')
    this.#outputs = this.#wanted(head, options)
  }

  /**
   * Load the exported graphs of a repository.
   * @throws {FileNotFoundError} @throws {TruncatedFileError} @throws {CorruptCheckpointError} @throws {ExecutionError}
   * @throws {FrozenModelError} when the graph does not give what the class is for
   * @throws {OptionError} when the GPU does not compute in the file's precision
   */
  static async load(
    repository: Repository,
    head: Head,
    options: LoadOptions,
    device: Promise<Device>,
    opening: Promise<readonly [Client, Capabilities]>,
    signal: AbortSignal,
  ): Promise<FrozenModel> {
    const config = await configurationOf(repository, options)
    const graphs = await findGraphs(repository, config, options, await device)
    const paths = Object.values(graphs).flatMap(({ path, data }) => [path, ...data])
    const [blobs, [client, capabilities]] = await Promise.all([repository.files(paths, { signal }), opening])
    const half = Object.values(graphs).find(({ precision }) => halfPrecision.includes(precision))
    if (half && capabilities.device === 'webgpu' && !capabilities.float16) {
      throw new OptionError(
        `${half.path} computes in half precision, which this GPU does not. Use device: 'wasm', or dtype: 'fp32'.`,
      )
    }
    const files = Object.entries(graphs).map(([part, { path, data }]) => {
      const beside = data.map((file) => [nameOf(file), blobs[file]!] as const)
      return [part, { name: nameOf(path), model: blobs[path]!, data: Object.fromEntries(beside) }] as const
    })
    const below = vocabulariesOf(config)
    const loaded = await client.loadExported(Object.fromEntries(files) as ExportedFiles, below, { signal })
    return new FrozenModel(client, capabilities, config, loaded, graphs, head, options)
  }

  async run(inputs: ModelInputs, options: ForwardOptions): Promise<ModelOutput> {
    const outputs = [...this.#outputs, ...this.#layers('hidden_states', 'outputHiddenStates', options)]
    outputs.push(...this.#layers('attentions', 'outputAttentions', options))
    const made = await this.loaded.run(this.#tensors(inputs), { outputs, signal: options.signal })
    const { cache } = this.loaded.description
    const answered = Object.entries(made).filter(([name]) => !cache.includes(name))
    const past = outputs.includes('past_key_values') && { past_key_values: nestCache(made, cache) }
    return { ...gatherLists(Object.fromEntries(answered)), ...past } as ModelOutput
  }

  /** What a model of parts can do. */
  refusals<O extends ModelOutput>({ name }: Repository): MethodsOfParts<O> {
    return refusals(name)
  }

  /** What calls give, hidden states and attention maps aside. */
  #wanted(head: Head, { outputs }: LoadOptions): string[] {
    const { outputs: types, cache } = this.loaded.description
    const given = [...Object.keys(types), ...(cache.length > 0 ? ['past_key_values'] : [])]
    // A bare model gives what it has, unless that is a head's.
    const headed = given.some((name) => /(^|_)logits$/.test(name))
    const needed = head === 'Model' && !headed ? [] : (answers[head] ?? ['logits'])
    const absent = (outputs ?? needed).filter((name) => !given.includes(name))
    if (absent.length > 0) {
      throw new FrozenModelError(
        `${this.#what} gives no ${absent.join(', ')}; it gives ${given.join(', ')}. ` +
          'A frozen graph gives what it was exported for: load it with the class of that head, or load the original weights.',
      )
    }
    const usual = given.filter((name) => !isOfLayers(name))
    return outputs
      ? [...outputs]
      : usual.filter((name) => name !== 'past_key_values' || this.config.use_cache !== false)
  }

  /** The outputs of every layer that a call asks for. */
  #layers(
    kind: keyof typeof ofLayers,
    option: 'outputHiddenStates' | 'outputAttentions',
    options: ForwardOptions,
  ) {
    const asked =
      options[option] ?? this.config[kind === 'attentions' ? 'output_attentions' : 'output_hidden_states']
    if (!asked) return []
    const found = Object.keys(this.loaded.description.outputs).filter((name) => ofLayers[kind].test(name))
    if (found.length > 0 || !options[option]) return found
    throw new FrozenModelError(
      `${option} was asked for, but ${this.#what} was exported without ${kind}, and a frozen graph computes nothing else. ` +
        'Load the original weights, or export the model again with them among its outputs.',
    )
  }

  /** Tensors by the names the worker knows; what tokenizers give beyond them is left out. */
  #tensors(inputs: ModelInputs): PlainTensors {
    const { inputs: types, cache } = this.loaded.description
    const { past_key_values, encoder_outputs, ...rest } = inputs as Record<string, Value> & {
      past_key_values?: PastKeyValues
      encoder_outputs?: { last_hidden_state: Tensor }
    }
    const tensors: PlainTensors = past_key_values ? flattenCache(past_key_values, cache, this.#what) : {}
    const values = Object.entries({ ...rest, encoder_last_hidden_state: encoder_outputs?.last_hidden_state })
    for (const [name, value] of values) {
      if (value === undefined) continue
      const type = types[name]
      if (!type && !OPTIONAL.includes(name)) {
        const known = [...Object.keys(types), ...(cache.length > 0 ? ['past_key_values'] : [])]
        throw new InputError(`Unknown input ${name}. This exported graph takes ${known.join(', ')}.`)
      }
      if (type) tensors[name] = asTensor(value, type)
    }
    return tensors
  }
}

const nameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1)

/** A graph computes what it computes: its configuration may be of an architecture that nobody has written here. */
async function configurationOf(
  repository: Repository,
  options: LoadOptions,
): Promise<PretrainedConfig & Json> {
  try {
    return (await readConfiguration(repository, options)).config
  } catch (error) {
    if (!(error instanceof UnknownArchitectureError || error instanceof ConfigurationError)) throw error
    const json = { ...(await repository.json<Json>('config.json')), ...options.config }
    const model_type = typeof json.model_type === 'string' ? json.model_type : ''
    return { ...json, ...pretrainedConfig({ ...json, model_type }, { model_type }) }
  }
}

/** Ids are smaller than these. On a GPU a larger one would be answered with anything. */
function vocabulariesOf(config: Json): Record<string, number> {
  const decoder = config.decoder as Json | undefined
  const sizes = {
    input_ids: config.vocab_size,
    decoder_input_ids: config.decoder_vocab_size ?? decoder?.vocab_size ?? config.vocab_size,
  }
  const known = Object.entries(sizes).filter(
    (entry): entry is [string, number] => typeof entry[1] === 'number',
  )
  return Object.fromEntries(known)
}
