/** @file Finds the tensors of a loaded pickle and their names: a state dictionary, however it is wrapped. */
import { type Problems, quoted } from './problems'
import { isTensor, type StoredTensor, UnreadableTensor } from './values'

/** Where training scripts put the state dictionary when they save more than it, best known first. */
const WRAPPERS = ['state_dict', 'model_state_dict', 'model', 'module']

const MOST_TENSORS = 2 ** 18
const MOST_STEPS = 2 ** 20
const MOST_LEVELS = 64
const MOST_OF_A_NAME = 1000

/**
 * The tensors of a state dictionary. Dictionaries and lists in it give names like `layers.0.weight`; of a training script's
 * dictionary that holds no tensors itself, it is the one at `state_dict`, `model_state_dict`, `model` or `module`.
 * @throws {CorruptCheckpointError} when it has no end
 * @throws {UnsupportedCheckpointError} when it is no dictionary, or a tensor, which it names, is no plain array of numbers
 */
export function namedTensors(root: unknown, problems: Problems): Map<string, StoredTensor> {
  if (!(root instanceof Map))
    throw problems.unsupported(`holds ${kindOf(root)}, expected a dictionary of tensors`)
  const found = new Map<string, StoredTensor>()
  let steps = 0
  const visit = (value: unknown, name: string, level: number): void => {
    if (isTensor(value)) add(name, value)
    const children = childrenOf(value)
    if (!children) return
    if (level > MOST_LEVELS)
      throw problems.corrupt(`${quoted(name)} is more than ${MOST_LEVELS} levels deep, or holds itself`)
    for (const [key, child] of children) {
      if (++steps > MOST_STEPS) throw problems.corrupt(`it lists more than ${MOST_STEPS} values`)
      // A weight's name is a text; optimizers number theirs. Nothing else names one.
      if (typeof key !== 'string' && typeof key !== 'number') continue
      if (!isTensor(child) && !childrenOf(child)) continue
      const path = name === '' ? `${key}` : `${name}.${key}`
      if (path.length > MOST_OF_A_NAME)
        throw problems.corrupt(`the name ${quoted(path)} has more than ${MOST_OF_A_NAME} letters`)
      visit(child, path, level + 1)
    }
  }
  const add = (name: string, tensor: StoredTensor | UnreadableTensor) => {
    if (tensor instanceof UnreadableTensor)
      throw problems.unsupported(`holds ${quoted(name)}, ${tensor.kind}`)
    if (found.has(name)) throw problems.corrupt(`two tensors in it are called ${quoted(name)}`)
    if (found.size >= MOST_TENSORS) throw problems.corrupt(`it has more than ${MOST_TENSORS} tensors`)
    found.set(name, tensor)
  }
  visit(unwrapped(root), '', 0)
  return found
}

function unwrapped(root: ReadonlyMap<unknown, unknown>): unknown {
  if ([...root.values()].some(isTensor)) return root
  return WRAPPERS.map((key) => root.get(key)).find((value) => value instanceof Map) ?? root
}

const childrenOf = (value: unknown): Iterable<[unknown, unknown]> | undefined =>
  value instanceof Map || Array.isArray(value) ? value.entries() : undefined

function kindOf(value: unknown): string {
  if (isTensor(value)) return 'a tensor alone'
  if (Array.isArray(value)) return 'a list'
  return value === null ? 'None' : `a ${typeof value}`
}
