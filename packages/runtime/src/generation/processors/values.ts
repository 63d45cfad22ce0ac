/** @file Processors that treat all scores alike. */
import { logSoftmax } from '../numeric'
import { type LogitsProcessor, perRow } from './processor'

const LARGEST = Math.fround(3.4028234663852886e38)

/** No NaN and no infinity. Like `InfNanRemoveLogitsProcessor`. */
export const removeInvalid: LogitsProcessor = {
  process(_, scores) {
    for (let i = 0; i < scores.length; i++) {
      const score = scores[i]!
      if (Number.isFinite(score)) continue
      scores[i] = Number.isNaN(score) ? 0 : score > 0 ? LARGEST : -LARGEST
    }
  },
}

/** Scores become logarithms of probabilities. Like `LogitNormalization`. */
export const renormalize: LogitsProcessor = perRow((scores) => {
  logSoftmax(scores)
})

/** Above 1 all tokens become more alike, below 1 less. Like `TemperatureLogitsWarper`. */
export function temperature(value: number): LogitsProcessor {
  const single = Math.fround(value)
  return {
    process(_, scores) {
      for (let i = 0; i < scores.length; i++) scores[i] = scores[i]! / single
    },
  }
}
