/** @file What can be wrong with an adapter. */
import { WebformersError } from '@webformers/hub'

/** An adapter that does not fit the model, or is not there; the message says what came and what would do. */
export class AdapterError extends WebformersError {
  override readonly name = 'AdapterError'
}

/** A kind of adapter, or an option of one, that nothing here computes; the message names it. */
export class UnsupportedAdapterError extends AdapterError {}
