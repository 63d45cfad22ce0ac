/** @file A model whose graphs somebody exported, as Python's `forward` sees it: one graph, or an encoder with its decoder. */
import { ExecutionError, InputError } from '../errors'
import type { ExternalFile, Runtime } from '../session'
import type { PlainTensor, PlainTensors } from '../tensor'
import { inFloat32, isCache } from './feeds'
import type { ValueTypes } from './model-file'
import { type OnnxFiles, OnnxGraph } from './onnx-graph'

/** The parts a model was exported in. */
export type ExportedPart = 'model' | 'encoder' | 'decoder' | 'decoderWithPast'
export type ExportedFiles = Readonly<Partial<Record<ExportedPart, OnnxFiles>>>

/** What a model takes and gives, under the names Python has for it. */
export interface FrozenDescription {
  readonly inputs: ValueTypes
  readonly outputs: ValueTypes
  /** The tensors of the cache, in the graph's order; empty for a model without one. */
  readonly cache: readonly string[]
}

/** All tensors of the cache, as an output. */
export const CACHE = 'past_key_values'

export interface FrozenModel {
  readonly description: FrozenDescription
  /**
   * Compute outputs, by default all. A cache goes in and comes out by the names of `description.cache`.
   * @throws {InputError} @throws {ExecutionError}
   */
  run(inputs: PlainTensors, outputs?: readonly string[]): Promise<PlainTensors>
  release(): Promise<void>
}

/** Open the graphs of a model one after another. @throws as `OnnxGraph.open` */
export async function openFrozenModel(
  runtime: Runtime,
  files: ExportedFiles,
  mount: (path: string, blob: Blob) => ExternalFile,
  signal: AbortSignal,
): Promise<FrozenModel> {
  const graphs: Partial<Record<ExportedPart, OnnxGraph>> = {}
  try {
    for (const [part, each] of Object.entries(files) as [ExportedPart, OnnxFiles][]) {
      graphs[part] = await OnnxGraph.open(runtime, each, mount)
      signal.throwIfAborted()
    }
  } catch (error) {
    for (const graph of Object.values(graphs)) await graph.release()
    throw error
  }
  const { model, encoder, decoder, decoderWithPast } = graphs
  return encoder && decoder
    ? new EncoderDecoder(encoder, decoder, decoderWithPast)
    : new SingleStack((model ?? decoder)!, decoderWithPast)
}

const some = (types: ValueTypes, names: readonly string[]): ValueTypes =>
  Object.fromEntries(names.map((name) => [name, types[name]!]))

const renamed = (types: ValueTypes, rename: (name: string) => string): ValueTypes =>
  Object.fromEntries(Object.entries(types).map(([name, type]) => [rename(name), type]))

/** An encoder, or a decoder that carries a cache. */
class SingleStack implements FrozenModel {
  readonly description: FrozenDescription
  readonly #names: ReadonlyMap<string, string>

  constructor(
    readonly graph: OnnxGraph,
    readonly withPast: OnnxGraph | undefined,
  ) {
    this.#names = pythonNames(graph)
    this.description = {
      inputs: some(graph.inputs, graph.questions),
      outputs: Object.fromEntries([...this.#names].map(([name, own]) => [name, graph.outputs[own]!])),
      cache: carried(graph, withPast),
    }
  }

  async run(inputs: PlainTensors, outputs = allOutputs(this.description)): Promise<PlainTensors> {
    const graph = (hasPast(inputs) && this.withPast) || this.graph
    return step(graph, inputs, outputs, this.#names)
  }

  async release() {
    await this.graph.release()
    await this.withPast?.release()
  }
}

/** An encoder, and a decoder that reads its states: merged, or one for the first step and one for those after it. */
class EncoderDecoder implements FrozenModel {
  readonly description: FrozenDescription
  readonly #encoderNames: ReadonlyMap<string, string>
  readonly #decoderNames: ReadonlyMap<string, string>

  constructor(
    readonly encoder: OnnxGraph,
    readonly decoder: OnnxGraph,
    readonly withPast: OnnxGraph | undefined,
  ) {
    this.#encoderNames = new Map(encoder.answers.map((name) => [encoderName(name), name]))
    this.#decoderNames = new Map(decoder.answers.map((name) => [name, name]))
    const states = this.#encoderNames.get(STATES)
    if (states === undefined) {
      throw new ExecutionError(
        `The encoder's graph gives ${encoder.answers.join(', ')}, but its decoder reads last_hidden_state. ` +
          'Both must come from one export.',
      )
    }
    const own = decoder.questions.filter(
      (name) => !name.startsWith('encoder_') && name !== 'use_cache_branch',
    )
    this.description = {
      inputs: {
        ...encoder.inputs,
        ...renamed(some(decoder.inputs, own), decoderName),
        [STATES]: encoder.outputs[states]!,
      },
      outputs: {
        ...Object.fromEntries([...this.#decoderNames.keys()].map((name) => [name, decoder.outputs[name]!])),
        ...renamed(encoder.outputs, encoderName),
      },
      cache: carried(decoder, withPast),
    }
  }

  async run(inputs: PlainTensors, outputs = allOutputs(this.description)): Promise<PlainTensors> {
    const encoded = await this.encode(inputs, outputs)
    return { ...(await this.decode({ ...inputs, ...encoded }, outputs)), ...pick(encoded, outputs) }
  }

  /** The encoder's states, those that were given where they were; and what else was asked of it. */
  async encode(inputs: PlainTensors, outputs: readonly string[]): Promise<PlainTensors> {
    const wanted = outputs.filter((name) => this.#encoderNames.has(name))
    const states = inputs[STATES]
    if (states && wanted.every((name) => name === STATES)) return { [STATES]: states }
    return step(this.encoder, inputs, [...new Set([STATES, ...wanted])], this.#encoderNames)
  }

  /** The next tokens' outputs. With a cache in, what it holds of the encoder stays as it is. */
  async decode(inputs: PlainTensors, outputs: readonly string[]): Promise<PlainTensors> {
    const past = hasPast(inputs)
    const graph = (past && this.withPast) || this.decoder
    const { [STATES]: states, attention_mask, ...rest } = inputs
    const given: PlainTensors = { encoder_hidden_states: states!, ...pick(rest, this.description.cache) }
    if (attention_mask) given.encoder_attention_mask = attention_mask
    for (const name of this.decoder.questions) {
      const value = rest[decoderName(name)]
      if (value) given[name] = value
    }
    if (!given.input_ids && !given.inputs_embeds) {
      throw new InputError(
        `Missing input decoder_input_ids, the tokens to go on from. Got ${Object.keys(inputs).join(', ') || 'nothing'}.`,
      )
    }
    const wanted = outputs.filter((name) => this.#decoderNames.has(name) || name === CACHE)
    const made = await step(graph, given, wanted, this.#decoderNames)
    const kept =
      past && wanted.includes(CACHE)
        ? this.description.cache.filter((name) => name.includes('.encoder.'))
        : []
    return { ...made, ...pick(inputs, kept) }
  }

  async release() {
    for (const graph of [this.encoder, this.decoder, this.withPast]) await graph?.release()
  }
}

const STATES = 'encoder_last_hidden_state'

/** The tensors of a cache that a step gives and the next one takes; none where no graph takes them. */
const carried = (graph: OnnxGraph, withPast: OnnxGraph = graph) =>
  [...graph.caches.keys()].filter((name) => Object.hasOwn(withPast.inputs, name))

/** `last_hidden_state` of the encoder is `encoder_last_hidden_state` of the model. */
const encoderName = (name: string) => (name.startsWith('encoder_') ? name : `encoder_${name}`)
const decoderName = (name: string) => (name.startsWith('decoder_') ? name : `decoder_${name}`)

const hasPast = (inputs: PlainTensors) => Object.keys(inputs).some(isCache)

const pick = (tensors: PlainTensors, names: readonly string[]): PlainTensors =>
  Object.fromEntries(names.flatMap((name) => (tensors[name] ? [[name, tensors[name]]] : [])))

const allOutputs = ({ outputs, cache }: FrozenDescription) => [
  ...Object.keys(outputs),
  ...(cache.length > 0 ? [CACHE] : []),
]

/** Python's name of each output → the graph's: sentence-transformers' exports call the last hidden state otherwise. */
function pythonNames(graph: OnnxGraph): Map<string, string> {
  const hidden = graph.answers.includes('last_hidden_state')
  const python = (name: string) => (name === 'token_embeddings' && !hidden ? 'last_hidden_state' : name)
  return new Map(graph.answers.map((name) => [python(name), name]))
}

/** Run a graph once. Half precision comes out in single, as from all our models; a cache as the graph will want it back. */
async function step(
  graph: OnnxGraph,
  inputs: PlainTensors,
  wanted: readonly string[],
  names: ReadonlyMap<string, string>,
): Promise<PlainTensors> {
  const answers = wanted.flatMap((name) => (names.has(name) ? [[name, names.get(name)!] as const] : []))
  const caches = wanted.includes(CACHE) ? [...graph.caches] : []
  const made = await graph.run(
    inputs,
    [...answers, ...caches].map(([, own]) => own),
  )
  const named = (name: string, tensor: PlainTensor): [string, PlainTensor] => [name, tensor]
  return Object.fromEntries([
    ...answers.map(([name, own]) => named(name, inFloat32(made[own]!))),
    ...caches.map(([past, present]) => named(past, made[present]!)),
  ])
}

export type { OnnxFiles }
