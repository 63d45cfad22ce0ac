/** @file Trees of parameters: the object tree is the checkpoint, and a parameter's name is its path. */
import { scope, within } from './scope'
import { Tensor } from './tensor'

export type Tree = Tensor | Module | readonly Tree[] | { readonly [name: string]: Tree | undefined }
export interface Module {
  (...inputs: never[]): unknown
  readonly children: Tree
}

/** A function of tensors together with the tree of parameters it reads.
 * @example
 * const Classifier = (c) => module({ dense: linear(c.hidden_size, c.num_labels) })
 *   .forward(({ dense }, x: Tensor) => dense(x)) // parameters: dense.weight, dense.bias
 */
export const module = <T extends Tree>(children: T) => ({
  forward<A extends unknown[], R>(forward: (children: T, ...inputs: A) => R) {
    const call = (...inputs: A): R => {
      const result = forward(children, ...inputs)
      const { called } = scope()
      return called ? (called(whole, inputs, result) as R) : result
    }
    const whole = Object.assign(call, { children })
    return whole
  },
})

/** A call of a module: where the module stands, what it was given and what it gave. */
export interface ModuleCall {
  /** Its path in the tree, and those of the places that share it. */
  readonly paths: readonly string[]
  readonly inputs: readonly unknown[]
  readonly result: unknown
}

/**
 * Call a model and be told of each call of a module in its tree, the inner ones first.
 * @param observer what it gives takes the place of the result
 * @example
 * observe(model, ({ paths, result }) => (paths.includes('encoder.layer.0') ? patched : result), () => model(inputs))
 */
export function observe<R>(tree: Tree, observer: (call: ModuleCall) => unknown, call: () => R): R {
  const paths = modulePaths(tree)
  const { called: outer, ...rest } = scope()
  const called = (module: object, inputs: readonly unknown[], result: unknown) => {
    const before = outer ? outer(module, inputs, result) : result
    const places = paths.get(module)
    return places ? observer({ paths: places, inputs, result: before }) : before
  }
  return within({ ...rest, called }, call)
}

/** Each parameter of a tree with all its names, e.g. `bert.encoder.layer.0.attention.self.query.weight`.
 * A parameter that stands in two places (a tied weight) has two names; the first is its own. */
export function parameters(tree: Tree): Map<Tensor, string[]> {
  const found = new Map<Tensor, string[]>()
  walk(tree, (branch, path) => {
    if (branch instanceof Tensor) found.set(branch, [...(found.get(branch) ?? []), path])
  })
  return found
}

/** Each module of a tree with all its paths; the tree itself, where it is a module, has the path ''. */
export function modulePaths(tree: Tree): Map<object, string[]> {
  const found = new Map<object, string[]>()
  walk(tree, (branch, path) => {
    if (typeof branch === 'function') found.set(branch, [...(found.get(branch) ?? []), path])
  })
  return found
}

/** Everything in a tree with its path, parents first. */
function walk(tree: Tree, visit: (branch: Tree, path: string) => void): void {
  const enter = (branch: Tree, path: string): void => {
    visit(branch, path)
    if (branch instanceof Tensor) return
    const children = typeof branch === 'function' ? { ...(branch as Module).children } : branch
    for (const [name, child] of Object.entries(children))
      if (child) enter(child, path ? `${path}.${name}` : name)
  }
  enter(tree, '')
}
