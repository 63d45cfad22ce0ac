/** @file What a call asks of a model besides its usual outputs: how it is traced, and what is fed. */
import type { Program } from '@webformers/graph'
import { callOf, capturedOutput, type Head, type Hooks, inputNames, patchInput } from '@webformers/models'
import type { PlainTensor, PlainTensors } from '@webformers/runtime'
import type { Configured } from './configured'
import { asTensor, type ModelInputs, type Value } from './inputs'
import { type ForwardOptions, gatherLists, type ModelOutput, type Patches } from './outputs'

/** A call: what is traced for it, and what is fed to what was traced. */
export interface Request {
  readonly hooks: Hooks
  /** Calls with equal keys can share a program. */
  readonly key: string
  readonly inputs: ModelInputs
}

/** What objects on images become once they are matched with queries. */
const MATCHED = ['target_classes', 'target_queries', 'target_boxes', 'target_weights', 'target_masks']

/** The names under which a loss takes its labels. */
export const LABELS = ['labels', 'start_positions', 'end_positions', ...MATCHED]

/** @param optional inputs that the model reads only where they are given */
export function requestOf(
  given: ModelInputs,
  options: ForwardOptions,
  optional: readonly string[] = [],
): Request {
  const { returnLoss = false, capture = [], patch = {} } = options
  const labels = options.labels as Value | undefined // objects have been matched before
  const labelled = labels === undefined ? given : { ...given, labels }
  const withLoss = returnLoss || LABELS.some((name) => name in labelled)
  const values = Object.entries(patch).map(([path, change]) => [path, change] as const)
  const masks = Object.entries({
    head_mask: options.headMask,
    decoder_head_mask: options.decoderHeadMask,
    cross_attn_head_mask: options.crossAttnHeadMask,
    text_head_mask: options.textHeadMask,
    vision_head_mask: options.visionHeadMask,
    audio_head_mask: options.audioHeadMask,
  })
  const masked = masks.some(([, mask]) => mask !== undefined)
  const read = optional.filter((name) => name in given)
  const hooks: Hooks = {
    ...(capture.length > 0 && { capture }),
    ...(values.length > 0 && {
      patch: Object.fromEntries(
        values.map(([path, change]) => [
          path,
          Array.isArray(change) ? { calls: change.length } : patchOf(change),
        ]),
      ),
    }),
    ...(masked && { headMask: true }),
    ...(read.length > 0 && { given: read }),
    ...(options.multimaskOutput === false && { options: { multimask_output: false } }),
    ...(withLoss && { loss: { labels: labelType(labelled) } }),
  }
  const fed = values.flatMap(([path, change]) => {
    if (typeof change === 'function') return []
    return [change].flat().map((value, call) => [patchInput(callOf(path, call)), value] as const)
  })
  return {
    hooks,
    key: keyOf(hooks),
    inputs: {
      ...labelled,
      ...Object.fromEntries(fed),
      ...Object.fromEntries(masks.filter(([, mask]) => mask !== undefined)),
    } as ModelInputs,
  }
}

const patchOf = (change: Patches[string]) => (typeof change === 'function' ? change : 'input')

/** What the model reads but a program of it does not, as one whose inner values or whose loss are others may not, is not fed. */
export function stillRead(
  tensors: PlainTensors,
  { inputs }: Program,
  { configured: { architecture, config }, head }: { configured: Configured; head: Head },
): PlainTensors {
  const known = [...inputNames(architecture, head, config), ...LABELS]
  const read = (name: string) => known.includes(name) || name.startsWith(patchInput(''))
  return Object.fromEntries(Object.entries(tensors).filter(([name]) => name in inputs || !read(name)))
}

/** Labels with a point are quantities. */
function labelType(inputs: ModelInputs): 'int32' | 'float32' {
  const { labels } = inputs as { labels?: Value }
  return labels !== undefined && asTensor(labels, undefined).dtype === 'float32' ? 'float32' : 'int32'
}

/** Functions that are the same are traced to the same. */
const functions = new WeakMap<object, number>()
let known = 0
function nameOf(change: NonNullable<Hooks['patch']>[string]): string {
  if (typeof change !== 'function') return JSON.stringify(change)
  if (!functions.has(change)) functions.set(change, ++known)
  return `function ${functions.get(change)}`
}

const keyOf = ({ patch = {}, ...rest }: Hooks) =>
  JSON.stringify([rest, Object.entries(patch).map(([path, change]) => [path, nameOf(change)])])

/** What a call gives, by Python's names. */
export function answerOf(outputs: PlainTensors, { capture = [] }: Hooks): ModelOutput {
  if (capture.length === 0) return gatherLists(outputs)
  const usual = Object.entries(outputs).filter(([name]) => !name.startsWith(capturedOutput('')))
  const captured = capture.map((path) => [path, callsOf(outputs, path)] as const)
  return { ...gatherLists(Object.fromEntries(usual)), captured: Object.fromEntries(captured) }
}

/** The value of a module, or of each of its calls. */
function callsOf(outputs: PlainTensors, path: string): PlainTensor | PlainTensor[] {
  const values: PlainTensor[] = []
  for (let next = outputs[capturedOutput(path)]; next; next = outputs[capturedOutput(path, values.length)])
    values.push(next)
  return values.length === 1 ? values[0]! : values
}
