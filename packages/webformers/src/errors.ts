/** @file What can be wrong with what a caller asks of the front door itself. */
import { WebformersError } from '@webformers/hub'

/** An option, a task or an input that makes no sense here; the message says what would. */
export class OptionError extends WebformersError {
  override readonly name = 'OptionError'
}

/** A nested list whose parts differ in length, or values that do not fill the shape asked for. */
export class TensorError extends WebformersError {
  override readonly name = 'TensorError'
}

/** What was asked for needs the original weights, and the model was loaded from a graph that somebody exported. */
export class FrozenModelError extends WebformersError {
  override readonly name = 'FrozenModelError'
}

/** A file of data that is not what its format asks for, or rows that are not there; the message says where. */
export class DatasetError extends WebformersError {
  override readonly name = 'DatasetError'
}

/** Items of a dataset that do not make one batch: which item, under which key, and what a batch needs instead. */
export class CollateError extends WebformersError {
  override readonly name = 'CollateError'
}
