/** @file Trees of parameters: the object tree is the checkpoint, and a parameter's name is its path. */
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
  forward: <A extends unknown[], R>(forward: (children: T, ...inputs: A) => R) =>
    Object.assign((...inputs: A) => forward(children, ...inputs), { children }),
})

/** Each parameter of a tree with all its names, e.g. `bert.encoder.layer.0.attention.self.query.weight`.
 * A parameter that stands in two places (a tied weight) has two names; the first is its own. */
export function parameters(tree: Tree): Map<Tensor, string[]> {
  const found = new Map<Tensor, string[]>()
  const visit = (branch: Tree, path: readonly string[]): void => {
    if (branch instanceof Tensor) {
      const name = path.join('.')
      found.set(branch, [...(found.get(branch) ?? []), name])
      return
    }
    const children = typeof branch === 'function' ? { ...(branch as Module).children } : branch
    for (const [name, child] of Object.entries(children)) if (child) visit(child, [...path, name])
  }
  visit(tree, [])
  return found
}
