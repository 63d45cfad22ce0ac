/** @file Which tensor of a checkpoint each parameter of a model is: found, made anew where that is allowed, or missed. */
import {
  type Checkpoint,
  countOf,
  MissingTensorError,
  type SavedTensor,
  type TensorEntry,
  TensorShapeError,
} from '@webformers/hub'
import { type Initial, initialEntry, sinusoidEntry } from './initialize'

/** A parameter of a model as a checkpoint is asked for it. */
export interface Wanted {
  /** The names it may have in the checkpoint, its own first. */
  readonly sources: readonly string[]
  /** Its places in the model: its own, and those it is tied to. Default: the first source. */
  readonly paths?: readonly string[]
  /** As PyTorch lays it out. */
  readonly shape: readonly number[]
  /** Whether a checkpoint that lacks it means zeros. Default: it does not. */
  readonly buffer?: boolean
  /** How it begins where it is made anew. Default: drawn. */
  readonly initial?: Initial
}

/** What a model takes from its checkpoint, and what becomes of the rest. */
export interface WeightPolicy {
  /** All parameters of the model, those included that no program needs yet. */
  readonly parameters: readonly Wanted[]
  /** Parameters that are no more what the checkpoint has, by their own names: pruned, resized, trained. */
  readonly changed?: readonly SavedTensor[]
  /** The name under which heads hold the base model. */
  readonly basePrefix?: string
  /** Buffers that older versions saved among the parameters, as a regular expression. */
  readonly buffers?: string
  /** `'refuse'`, or make new what is missing: whole parts that the checkpoint never had, as heads are, or any tensor. */
  readonly missing: 'refuse' | 'parts' | 'any'
  /** `'refuse'`, or make new what has another shape. */
  readonly mismatched: 'refuse' | 'any'
  /** Regular expression → replacement, for names of the checkpoint. */
  readonly keyMapping?: Readonly<Record<string, string>>
  /** The standard deviation of new matrices. */
  readonly deviation: number
  readonly seed: number
}

/** What did not go as the checkpoint's names promised. Like `output_loading_info` in Python. */
export interface LoadingInfo {
  /** Parameters that the checkpoint lacks. */
  readonly missing_keys: readonly string[]
  /** Tensors of the checkpoint that the model has no place for. */
  readonly unexpected_keys: readonly string[]
  /** Parameters that have another shape in the checkpoint. */
  readonly mismatched_keys: readonly string[]
}

export interface Resolved {
  /** By a parameter's own name. */
  readonly entries: ReadonlyMap<string, TensorEntry>
  readonly info: LoadingInfo
}

type Entries = Checkpoint['entries']

/**
 * The tensor of each parameter of a model.
 * @param used the own names of the parameters that are needed now; what others lack is only reported
 * @throws {MissingTensorError} when the checkpoint lacks some that may not be made new; it lists all of them.
 * @throws {TensorShapeError} when some have another shape or no numbers with a point; it lists all of them.
 */
export function resolveParameters(
  checkpoint: Entries,
  policy: WeightPolicy,
  used: ReadonlySet<string> = new Set(policy.parameters.map(ownName)),
): Resolved {
  const entries = renamed(checkpoint, policy.keyMapping)
  const found = new Map((policy.changed ?? []).map((tensor) => [tensor.name, changedEntry(tensor)]))
  const missing: Wanted[] = []
  const mismatched: [Wanted, TensorEntry][] = []
  for (const parameter of policy.parameters) {
    if (found.has(ownName(parameter))) continue
    const source = parameter.sources.find((name) => entries.has(name))
    const entry = source === undefined ? undefined : entries.get(source)!
    if (!entry && parameter.buffer) found.set(ownName(parameter), untouched(parameter))
    else if (!entry) missing.push(parameter)
    else if (fits(parameter, entry)) found.set(ownName(parameter), entry)
    else mismatched.push([parameter, entry])
  }
  const needed = (parameter: Wanted) => used.has(ownName(parameter))
  const refused = policy.missing === 'any' ? [] : missing.filter(needed)
  const holes = policy.missing === 'parts' ? refused.filter(partlyThere(policy, found)) : refused
  if (holes.length > 0) throw lacks(holes, policy, entries)
  const wrong = mismatched.filter(([parameter, entry]) => needed(parameter) && !renewable(policy, entry))
  if (wrong.length > 0) throw differs(wrong, policy)
  for (const parameter of [...missing, ...mismatched.map(([parameter]) => parameter)])
    found.set(ownName(parameter), newEntry(parameter, policy))
  return {
    entries: found,
    info: {
      missing_keys: missing.flatMap(({ sources, paths = sources.slice(0, 1) }) => paths).toSorted(),
      unexpected_keys: unexpected(entries, policy),
      mismatched_keys: mismatched.map(([parameter]) => ownName(parameter)).toSorted(),
    },
  }
}

/** A buffer as torch makes it: zeros, and ones where it is a variance or the weight of a norm that is frozen. */
const untouched = ({ sources, shape }: Wanted): TensorEntry => ({
  ...initialEntry(sources[0]!, shape, { deviation: 0, seed: 0 }),
  decode: () => new Uint8Array(new Float32Array(countOf(shape)).fill(Number(ONES.test(sources[0]!))).buffer),
})

const ONES = /(^|[.])(running_var|weight)$/

const newEntry = ({ sources: [name], shape, initial }: Wanted, policy: WeightPolicy): TensorEntry =>
  initial === 'sinusoids' ? sinusoidEntry(name!, shape) : initialEntry(name!, shape, policy)

/** Each in a file of its own. */
function changedEntry({ name, dtype, shape, bytes }: SavedTensor): TensorEntry {
  const blob = bytes instanceof Blob ? bytes : new Blob([bytes])
  return { name, dtype, shape, blob, file: `changed ${name}`, offset: 0, length: blob.size }
}

const ownName = ({ sources }: Wanted): string => sources[0]!

/** Of buffers some count what was seen, which nobody computes with. */
const fits = ({ shape, buffer = false }: Wanted, entry: TensorEntry) =>
  String(shape) === String(entry.shape) && (buffer || FLOATS.includes(entry.dtype))
const FLOATS: readonly TensorEntry['dtype'][] = ['F32', 'F16', 'BF16', 'F64']

const renewable = ({ mismatched }: WeightPolicy, { dtype }: TensorEntry) =>
  mismatched === 'any' && FLOATS.includes(dtype)

/** The first expression that fits a name renames it, as Python's `key_mapping`. */
function renamed(entries: Entries, mapping: WeightPolicy['keyMapping'] = {}): Entries {
  const rules = Object.entries(mapping).map(([pattern, to]) => [new RegExp(pattern, 'g'), to] as const)
  if (rules.length === 0) return entries
  const rename = (name: string) => {
    const rule = rules.find(([pattern]) => name.search(pattern) >= 0)
    return rule ? name.replace(...rule) : name
  }
  return new Map([...entries].map(([name, entry]) => [rename(name), entry]))
}

/** A part of the model (its head, its pooler) that has some of its tensors should have all; one that has none is new.
 * A checkpoint that has no part at all is another model's. */
function partlyThere({ basePrefix }: WeightPolicy, found: ReadonlyMap<string, TensorEntry>) {
  const partOf = (name: string) =>
    name
      .split('.')
      .slice(0, basePrefix !== undefined && name.startsWith(`${basePrefix}.`) ? 2 : 1)
      .join('.')
  const there = new Set([...found.keys()].map(partOf))
  return (parameter: Wanted) => there.size === 0 || there.has(partOf(ownName(parameter)))
}

/** The names that no parameter asks for; a base model sees those of its own part as if it were the whole. */
function unexpected(entries: Entries, { parameters, basePrefix, buffers }: WeightPolicy): string[] {
  const asked = new Set(parameters.flatMap(({ sources }) => sources))
  const buffer = buffers === undefined ? undefined : new RegExp(buffers)
  const left = [...entries.keys()].filter((name) => !asked.has(name) && !buffer?.test(name))
  const prefix = `${basePrefix}.`
  const isBase = !parameters.some((parameter) => ownName(parameter).startsWith(prefix))
  return left.map((name) => (isBase && name.startsWith(prefix) ? name.slice(prefix.length) : name)).toSorted()
}

function lacks(missing: readonly Wanted[], { parameters }: WeightPolicy, entries: Entries) {
  const lines = missing.map(
    (parameter) =>
      `  ${parameter.sources.join(' or ')} [${parameter.shape.join(', ')}]${nearest(parameter, entries)}`,
  )
  return new MissingTensorError(
    `The checkpoint lacks ${missing.length} of the ${parameters.length} tensors of this model:\n${list(lines)}\n` +
      `It holds ${entries.size} tensors. Load it with the class it was saved from, or let new ones be made: ` +
      '{ ignoreMismatchedSizes: true }.',
  )
}

function differs(wrong: readonly [Wanted, TensorEntry][], { parameters }: WeightPolicy) {
  const lines = wrong.map(
    ([{ shape }, { name, dtype, shape: stored }]) =>
      `  ${name} is ${dtype} [${stored.join(', ')}], expected floating point [${shape.join(', ')}]`,
  )
  return new TensorShapeError(
    `${wrong.length} of the ${parameters.length} tensors of this model are of another kind in the checkpoint:\n${list(lines)}\n` +
      'The config.json beside the checkpoint must be the one it was saved with; ' +
      'to put new ones in their place, say { ignoreMismatchedSizes: true }.',
  )
}

const LISTED = 20
/** All of them up to a length that a reader can take in. */
const list = (lines: readonly string[]) =>
  lines.length <= LISTED
    ? lines.join('\n')
    : `${lines.slice(0, LISTED).join('\n')}\n  … and ${lines.length - LISTED} more`

/** The tensor of the checkpoint whose path ends most like the missing one's. */
function nearest({ sources }: Wanted, entries: Entries): string {
  const path = sources[0]!.split('.').reverse()
  let best = { common: 1, name: '' }
  for (const name of entries.keys()) {
    const other = name.split('.').reverse()
    const differs = path.findIndex((part, i) => part !== other[i])
    const common = differs < 0 ? path.length : differs
    if (common > best.common) best = { common, name }
  }
  return best.name && `; near it: ${best.name} [${entries.get(best.name)!.shape.join(', ')}]`
}
