/** @file What can go wrong between a model and the device it runs on; each kind is a class, and crosses the worker's boundary as one. */
import { WebformersError } from '@webformers/hub'

/** The worker that held a model ended before it answered; the next call starts a new one. */
export class WorkerDiedError extends WebformersError {
  override readonly name = 'WorkerDiedError'
}

/** The GPU device was lost (driver reset, sleep, another page's crash); the next call loads the model again. */
export class DeviceLostError extends WebformersError {
  override readonly name = 'DeviceLostError'
}

/** A model was called after `dispose()`. */
export class DisposedError extends WebformersError {
  override readonly name = 'DisposedError'
}

/** The device asked for does not exist in this browser. */
export class UnsupportedDeviceError extends WebformersError {
  override readonly name = 'UnsupportedDeviceError'
}

/** The weights or a computation did not fit into memory. */
export class OutOfMemoryError extends WebformersError {
  override readonly name = 'OutOfMemoryError'
  /** Whether the worker still has all it had, so that something smaller may follow; otherwise it is ended for its memory. */
  recoverable = false
}

/** onnxruntime refused a graph or failed while running it. */
export class ExecutionError extends WebformersError {
  override readonly name = 'ExecutionError'
}

/** A cache of keys and values that does not belong to the model, or that there is no more. */
export class CacheError extends WebformersError {
  override readonly name = 'CacheError'
}

/** An input is missing, unknown, or of the wrong type or shape. */
export class InputError extends WebformersError {
  override readonly name = 'InputError'
}

/** A `responseFormat` can't be followed: it can't be read, asks for what can't be enforced, or allows nothing. */
export class ResponseFormatError extends WebformersError {
  override readonly name = 'ResponseFormatError'
}

/** An id lies outside the table it indexes. */
export class IndexOutOfRangeError extends WebformersError {
  override readonly name = 'IndexOutOfRangeError'
  constructor(
    readonly input: string,
    readonly position: readonly number[],
    readonly value: number,
    readonly below: number,
    ignored?: number,
  ) {
    const remedy =
      ignored === undefined
        ? 'Use the tokenizer that belongs to the model, or enlarge the model with resizeTokenEmbeddings().'
        : `Labels count from 0, and ${ignored} stands where none counts; a model of more labels is loaded with { config: { num_labels } }.`
    super(
      `${input}[${position.join(', ')}] is ${value}, but this model knows ids from 0 to ${below - 1}. ${remedy}`,
    )
  }
}

/** A dimension of the inputs is larger than the model was made for. */
export class SequenceTooLongError extends WebformersError {
  override readonly name = 'SequenceTooLongError'
  constructor(
    readonly dimension: string,
    readonly length: number,
    readonly limit: number,
  ) {
    super(
      `The inputs' ${dimension} is ${length} long, but this model takes at most ${limit}. ` +
        'Cut them with the tokenizer: tokenizer(text, { truncation: true }).',
    )
  }
}
