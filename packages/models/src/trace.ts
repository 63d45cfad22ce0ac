/** @file From an architecture, a head and a configuration to the Program a worker runs. */
import {
  flatten,
  GraphError,
  type Outputs,
  type Parameter,
  type Program,
  type PrunedAxis,
  parameters,
  program,
  prunedAxes,
  type StandaloneGraph,
  standalone,
  type Target,
  Tensor,
  type TensorType,
} from '@webformers/graph'
import { type Architecture, type Head, type Initial, initialOf, isBuffer } from './architecture'
import { buildModel, inputsOf } from './build'
import { type Called, callModel, type Hooks } from './call'
import type { PretrainedConfig } from './configuration'
import { checkpointNames } from './names'

/** Lists that are given only to who asks for them, and what `get_image_features` and its like give in Python. */
const ON_REQUEST = {
  lists: /(hidden_states|attentions)$/,
  tensors: /^((text|image|audio)_features|image_embeddings|auxiliary_(logits|boxes)|speaker_cosines)$/,
}

/**
 * What a head answers by default: all its outputs but the lists that are given only to who asks for them.
 * @example outputNames(bert, 'ForQuestionAnswering', config) // ['start_logits', 'end_logits']
 * @throws {UnknownArchitectureError} when the architecture has no such head.
 */
export function outputNames(architecture: Architecture, head: Head, config: PretrainedConfig): string[] {
  const outputs = outputsOf(architecture, head, config)
  const isUsual = ([name, value]: [string, unknown]) =>
    value !== undefined && !ON_REQUEST[value instanceof Tensor ? 'tensors' : 'lists'].test(name)
  return Object.entries(outputs).flatMap((output) => (isUsual(output) ? [output[0]] : []))
}

/**
 * What a head reads.
 * @example inputNames(bert, 'Model', config) // ['input_ids', 'attention_mask', 'token_type_ids']
 */
export const inputNames = (architecture: Architecture, head: Head, config: PretrainedConfig): string[] =>
  Object.keys(inputsOf(architecture, head, config))

/** The same with their types and shapes. */
export const inputTypes = (
  architecture: Architecture,
  head: Head,
  config: PretrainedConfig,
): Record<string, TensorType> => ({ ...inputsOf(architecture, head, config) })

/**
 * The lists of one kind that a head gives to who asks for them: one, or those of an encoder and a decoder.
 * @example
 * listNames(bert, 'Model', config, 'attentions') // ['attentions']
 * listNames(t5, 'Model', config, 'attentions') // ['decoder_attentions', 'cross_attentions', 'encoder_attentions']
 * @throws {UnknownArchitectureError} when the architecture has no such head.
 */
export function listNames(
  architecture: Architecture,
  head: Head,
  config: PretrainedConfig,
  kind: 'hidden_states' | 'attentions',
): string[] {
  const outputs = outputsOf(architecture, head, config)
  const found = Object.keys(outputs).filter((name) => Array.isArray(outputs[name]) && name.endsWith(kind))
  return found.length > 0 ? found : [kind] // who traces it is told what there is
}

/**
 * The Program that gives `outputs` of a head, its parameters under every name a checkpoint may have for them.
 * @param hooks what is asked for besides; inner values are given as `captured:<path>`, and once more for each further call of
 * their module, `captured:<path>:1`
 * @throws {UnknownArchitectureError} when the architecture has no such head.
 * @throws {UnknownPathError} when no module stands where a value is to be read or replaced.
 * @throws {GraphError} when the head has no output of that name.
 */
export function traceModel(
  architecture: Architecture,
  head: Head,
  config: PretrainedConfig,
  outputs: readonly string[],
  target: Target,
  hooks: Hooks = {},
): Program {
  const called = callModel(architecture, head, config, hooks)
  return programOf(
    called,
    { ...selected(called.outputs, outputs), ...inner(called) },
    architecture,
    head,
    target,
  )
}

/** A Program of a head that was called. */
export function programOf(
  { model, inputs, replaced }: Pick<Called, 'model' | 'inputs' | 'replaced'>,
  outputs: Readonly<Record<string, Tensor>>,
  architecture: Architecture,
  head: Head,
  target: Target,
): Program {
  return named(program(outputs, inputs, parameters(model), target, replaced), architecture, head)
}

/** A Program with its parameters under every name a checkpoint may have for them. */
export const named = (made: Program, architecture: Architecture, head: Head): Program => {
  const wanted = ({ pieces, sources, ...parameter }: Parameter): Parameter => ({
    ...parameter,
    sources: checkpointNames(sources, architecture, head),
    ...(pieces && { pieces: pieces.map(wanted) }),
  })
  return { ...made, parameters: made.parameters.map(wanted) }
}

/** The outputs of these names, lists tensor by tensor.
 * @throws {GraphError} when there is no such output. */
export function selected(given: Outputs, wanted: readonly string[]): Record<string, Tensor> {
  const unknown = wanted.filter((name) => !(name in given))
  if (unknown.length > 0) {
    throw new GraphError(
      `The model gives no ${unknown.join(', ')}; it gives ${Object.keys(given).join(', ')}.`,
    )
  }
  return flatten(Object.fromEntries(wanted.map((name) => [name, given[name]])))
}

/** The name of the output that holds an inner value: of the first call of its module, the second, … */
export const capturedOutput = (path: string, call = 0) => `captured:${path}${call === 0 ? '' : `:${call}`}`

const inner = ({ captured }: Called) =>
  Object.fromEntries(
    [...captured].flatMap(([path, values]) => values.map((value, i) => [capturedOutput(path, i), value])),
  )

/**
 * The graph that gives `outputs` of a head as a file of its own, for whoever runs ONNX.
 * @throws {UnknownArchitectureError} when the architecture has no such head.
 */
export function traceStandalone(
  architecture: Architecture,
  head: Head,
  config: PretrainedConfig,
  outputs: readonly string[],
  weights: 'float32' | 'float16',
): StandaloneGraph {
  const inputs = inputsOf(architecture, head, config)
  const model = buildModel(architecture, head, config)
  const given = model(inputs)
  const wanted = Object.fromEntries(outputs.map((name) => [name, given[name]]))
  return standalone(flatten(wanted), inputs, parameters(model), weights)
}

/** A parameter of a model, needed or not by what is computed. */
export interface ModelParameter {
  /** Its path, and those of the places it is tied to. */
  readonly paths: readonly string[]
  /** Every name that a checkpoint may have for it, best first. */
  readonly sources: readonly string[]
  readonly shape: readonly number[]
  /** Its axes of attention heads that lack some: which places of the whole axis are left. */
  readonly heads: readonly PrunedAxis[]
  /** Whether nobody trains it, and a checkpoint that lacks it means zeros. */
  readonly buffer: boolean
  /** How it begins where a checkpoint lacks it and it is not drawn. */
  readonly initial?: Initial
}

/**
 * All parameters of a head, in the order of the module tree. Like `model.state_dict()` in Python, tied ones once.
 * @example
 * modelParameters(bert, 'ForMaskedLM', config)[0]
 * // { paths: ['bert.embeddings.word_embeddings.weight', 'cls.predictions.decoder.weight'], sources: […], shape: [30522, 768] }
 * @throws {UnknownArchitectureError} when the architecture has no such head.
 */
export function modelParameters(
  architecture: Architecture,
  head: Head,
  config: PretrainedConfig,
): ModelParameter[] {
  const tree = parameters(buildModel(architecture, head, config))
  return [...tree].map(([tensor, paths]) => {
    const initial = initialOf(architecture, paths[0]!)
    return {
      paths,
      sources: checkpointNames(paths, architecture, head),
      shape: tensor.shape as readonly number[],
      heads: prunedAxes(tensor),
      buffer: isBuffer(architecture, paths[0]!),
      ...(initial && { initial }),
    }
  })
}

const outputsOf = (architecture: Architecture, head: Head, config: PretrainedConfig): Outputs =>
  buildModel(architecture, head, config)(inputsOf(architecture, head, config))
