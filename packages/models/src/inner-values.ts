/** @file The values inside a model by the paths of its modules: read them, or put others in their place. */
import { modulePaths, observe, Tensor, type Tree } from '@webformers/graph'
import { UnknownPathError } from './errors'
import { nearestPath } from './nearest'

/** What takes the place of a module's result: an input, one for each of its first calls, or what a function makes of it. */
export type Patch = 'input' | { readonly calls: number } | ((value: Tensor) => Tensor)

/** How the input is called that takes the place of a value in one call of its module. */
export const callOf = (path: string, call: number) => (call === 0 ? path : `${path}:${call}`)

export interface InnerValues {
  /** Paths whose values are wanted. */
  readonly capture?: readonly string[]
  /** What takes the place of values, by path. */
  readonly patch?: Readonly<Record<string, Patch>>
}

export interface Observed<R> {
  readonly result: R
  /** By path: a tensor for each time its module was called, as a layer that several places share is. */
  readonly captured: ReadonlyMap<string, readonly Tensor[]>
  /** The inputs that take the place of values, by path, those of further calls by path and number. */
  readonly patched: ReadonlyMap<string, Tensor>
}

/**
 * Call a model, reading and replacing values inside of it. A module that gives several tensors means its first; the others have
 * the module's path and their name or place: `encoder.layer.0.attention.self.attentions`, `encoder.layer.0.1`.
 * @param prefix under which the tree holds the base model, which a path need not say
 * @param input makes the input that takes the place of a value
 * @throws {UnknownPathError} when no module stands at a path; it names the nearest.
 */
export function withInnerValues<R>(
  tree: Tree,
  { capture = [], patch = {} }: InnerValues,
  prefix: string,
  input: (like: Tensor) => Tensor,
  call: () => R,
): Observed<R> {
  const wanted = new Set([...capture, ...Object.keys(patch)])
  if (wanted.size === 0) return { result: call(), captured: new Map(), patched: new Map() }
  const asked = new Map<string, string[]>() // path in the tree → paths as they were given
  const known = new Set([...modulePaths(tree).values()].flat())
  for (const path of wanted) {
    const full = inTree(path, prefix, known)
    asked.set(full, [...(asked.get(full) ?? []), path])
  }
  const captured = new Map<string, Tensor[]>()
  const patched = new Map<string, Tensor>()
  const found = new Map<string, number>() // how often each path was come by

  const replace = (path: string, value: Tensor): Tensor => {
    let now = value
    for (const given of asked.get(path) ?? []) {
      const call = found.get(given) ?? 0
      found.set(given, call + 1)
      const change = patch[given]
      if (typeof change === 'function') now = change(now)
      else if (change === 'input' || (change && call < change.calls)) {
        const name = callOf(given, change === 'input' ? 0 : call)
        if (!patched.has(name)) patched.set(name, input(value))
        now = patched.get(name)!
      }
      if (capture.includes(given)) captured.set(given, [...(captured.get(given) ?? []), now])
    }
    return now
  }
  const result = observe(
    tree,
    ({ paths, result: value }) => paths.reduce((now, path) => mapParts(now, path, replace), value),
    call,
  )
  for (const path of [...asked.values()].flat()) if (!found.has(path)) throw unknownPath(path, known)
  return { result, captured, patched }
}

/** A path may begin at the base model or at the whole. */
function inTree(path: string, prefix: string, known: ReadonlySet<string>): string {
  const spellings = [path, `${prefix}.${path}`, path.replace(`${prefix}.`, '')]
  return spellings.find((spelling) => known.has(moduleOf(spelling, known))) ?? path
}

/** The longest part of a path at which a module stands. */
function moduleOf(path: string, known: ReadonlySet<string>): string {
  if (known.has(path)) return path
  const end = path.lastIndexOf('.')
  return end < 0 ? path : moduleOf(path.slice(0, end), known)
}

/** The result with each of its tensors replaced, those in its lists too: the first has the path of the module as well. */
function mapParts(result: unknown, path: string, replace: (path: string, value: Tensor) => Tensor): unknown {
  if (result instanceof Tensor) return replace(path, result)
  let first = true
  const replaced = (name: string, part: unknown): unknown => {
    if (Array.isArray(part)) return part.map((each, i) => replaced(`${name}.${i}`, each))
    if (!(part instanceof Tensor)) return part
    const own = first ? replace(path, part) : part
    first = false
    return replace(name, own)
  }
  if (Array.isArray(result)) return replaced(path, result)
  if (typeof result !== 'object' || result === null) return result
  return Object.fromEntries(
    Object.entries(result).map(([name, part]) => [name, replaced(`${path}.${name}`, part)]),
  )
}

function unknownPath(path: string, known: ReadonlySet<string>): UnknownPathError {
  const nearest = nearestPath(path, known)
  return new UnknownPathError(
    `No module stands at "${path}"${nearest ? `; near it: "${nearest}"` : ''}. ` +
      'Paths are those of the checkpoint without the name of the weight, such as "encoder.layer.0.attention.self.query".',
  )
}
