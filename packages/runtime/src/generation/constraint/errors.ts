/** @file What is wrong with a constraint, told in one class: see ResponseFormatError. */
import { ResponseFormatError } from '../../errors'

/** More states than anybody waits for. */
export const MOST_STATES = 40_000

export const tooComplex = (what: string) =>
  new ResponseFormatError(
    `${what} needs more than ${MOST_STATES} states. Make it simpler, or its limits smaller.`,
  )
