/** @file Stochastic gradient descent, with and without momentum. */
import type { SGD } from '../program'
import { wholeOf } from './gradient'
import type { UpdateWeight } from './optimizer'

export function sgd({ momentum, nesterov }: SGD): UpdateWeight {
  return ({ values, moments }, given, { learningRate, weightDecay, factor, step }) => {
    const gradient = wholeOf(given)
    const buffer = moments.momentum_buffer
    // The first gradient is the momentum as it is.
    const kept = step === 1 ? 0 : momentum
    for (let i = 0; i < values.length; i++) {
      const weight = values[i]!
      const slope = gradient[i]! * factor + weightDecay * weight
      if (!buffer) {
        values[i] = weight - learningRate * slope
        continue
      }
      const moving = buffer[i]! * kept + slope
      buffer[i] = moving
      values[i] = weight - learningRate * (nesterov ? slope + momentum * moving : moving)
    }
  }
}
