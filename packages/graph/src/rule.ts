/** @file What the gradient of an operation is. */
import type { Tensor } from './tensor'

/** What each input receives, given the gradient `dy` of the output `y`; nothing where nothing flows. What an input receives may
 * still have to be broadcast to its shape, or summed to it. */
export type Rule = (dy: Tensor, y: Tensor, ...inputs: Tensor[]) => readonly (Tensor | undefined)[]
