/** @file Which parameters decay: those that are no bias and belong to no norm, as Python's Trainer finds them. */
import type { Tensor } from '@webformers/graph'
import type { TrainableParameter } from './trainable'

const WITHOUT_DECAY = [/bias/, /layernorm/, /rmsnorm/, /(?:^|\.)norm(?:$|\.)/, /_norm(?:$|\.)/]

/** Whether weight decay is applied to a parameter. Like `Trainer.get_decay_parameter_names` in Python. */
export const decays = ({ name, layerNorm }: Pick<TrainableParameter, 'name' | 'layerNorm'>): boolean =>
  !layerNorm && !WITHOUT_DECAY.some((pattern) => pattern.test(name.toLowerCase()))

/** What the graph that leads to these outputs uses as weight or bias of a layer norm. */
export function layerNormParameters(outputs: Iterable<Tensor>): Set<Tensor> {
  const found = new Set<Tensor>()
  const seen = new Set<Tensor['node']>()
  const waiting = Array.from(outputs, ({ node }) => node)
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if (seen.has(node)) continue
    seen.add(node)
    if (node.op === 'layerNorm') for (const tensor of node.inputs.slice(1, 3)) if (tensor) found.add(tensor)
    for (const tensor of node.inputs) if (tensor) waiting.push(tensor.node)
  }
  return found
}
