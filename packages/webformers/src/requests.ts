/** @file What a call asks of a model besides its usual outputs: how it is traced, and what is fed. */
import type { Program } from '@webformers/graph'
import {
  callOf,
  capturedOutput,
  type Head,
  type Hooks,
  inputNames,
  LAYERS_BEFORE,
  patchInput,
} from '@webformers/models'
import type { PlainTensor, PlainTensors } from '@webformers/runtime'
import type { Configured } from './configured'
import { asTensor, type ModelInputs, type Value } from './inputs'
import { type ForwardOptions, gatherLists, type ModelOutput, type Patches } from './outputs'

/** What a graph is made for that is made for images of one size. */
export interface OwnSize {
  readonly image_size?: readonly [height: number, width: number]
}

/** The size of the images of a call, where the model has a graph for each size and its own is another. */
export function sizeOf(
  inputs: ModelInputs,
  { architecture, config }: Pick<Configured, 'architecture' | 'config'>,
): OwnSize {
  const { pixel_values } = inputs as { pixel_values?: Value }
  if (!architecture.sized || pixel_values === undefined) return {}
  const [height = 0, width = 0] = asTensor(pixel_values, undefined).shape.slice(-2)
  const own = [config.image_size].flat()
  return own[0] === height && (own[1] ?? own[0]) === width ? {} : { image_size: [height, width] }
}

/** A call: what is traced for it, and what is fed to what was traced. */
export interface Request {
  readonly hooks: Hooks
  /** Calls with equal keys can share a program. */
  readonly key: string
  readonly inputs: ModelInputs
}

/** What objects on images become once they are matched with queries, of the last layer and of those before it. */
const TARGETS = ['target_classes', 'target_queries', 'target_boxes', 'target_weights', 'target_masks']
const MATCHED = [...TARGETS, ...TARGETS.map((name) => LAYERS_BEFORE + name)]

/** The names under which a loss takes its labels. */
export const LABELS = ['labels', 'start_positions', 'end_positions', ...MATCHED]

/** @param optional inputs that the model reads only where they are given
 * @param size that of the images, where it is not the one that the model's graph is made for */
export function requestOf(
  given: ModelInputs,
  options: ForwardOptions,
  optional: readonly string[] = [],
  size: OwnSize = {},
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
  const told = {
    ...(options.multimaskOutput === false && { multimask_output: false }),
    ...(options.interpolatePosEncoding && { interpolate_pos_encoding: true }),
    ...size,
  }
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
    ...(optional.length > 0 && { given: optional.filter((name) => name in given) }),
    ...(Object.keys(told).length > 0 && { options: told }),
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
