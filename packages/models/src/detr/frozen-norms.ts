/** @file The batch normalizations of a backbone under DETR, which are frozen: nothing in them is a parameter, and nothing is counted. */
import { type Module, Tensor, type Tree } from '@webformers/graph'

/** How timm's ResNets and transformers' call their normalizations. */
const NORMS = ['bn1', 'bn2', 'bn3', 'downsample.1', 'normalization']

/** The buffers of such a model. */
export const frozenNorms: readonly string[] = NORMS.flatMap((norm) =>
  ['weight', 'bias', 'running_mean', 'running_var'].map((name) => `${norm}.${name}`),
)

/** The same backbone, whose norms have lost their count of batches, which nobody reads. Like `replace_batch_norm` in Python. */
export function withFrozenNorms<T extends Module>(backbone: T): T {
  dropCounts(backbone)
  return backbone
}

function dropCounts(tree: Tree): void {
  if (tree instanceof Tensor) return
  const children = (typeof tree === 'function' ? (tree as Module).children : tree) as Record<string, Tree>
  delete children.num_batches_tracked
  for (const child of Object.values(children)) if (child) dropCounts(child)
}
