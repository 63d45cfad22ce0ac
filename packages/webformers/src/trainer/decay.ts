/** @file Which parameters decay: those that are no bias and belong to no norm, as Python's Trainer finds them. */
import type { TrainableParameter } from './trainable'

const WITHOUT_DECAY = [/bias/, /layernorm/, /rmsnorm/, /(?:^|\.)norm(?:$|\.)/, /_norm(?:$|\.)/]

/** Whether weight decay is applied to a parameter. Like `Trainer.get_decay_parameter_names` in Python. */
export const decays = ({ name, layerNorm }: Pick<TrainableParameter, 'name' | 'layerNorm'>): boolean =>
  !layerNorm && !WITHOUT_DECAY.some((pattern) => pattern.test(name.toLowerCase()))
