/** @file What goes wrong with a tokenizer's files, its options or the shape of its results. */
import { WebformersError } from '@webformers/hub'

/** A tokenizer's files are malformed or ask for what does not exist; the message names the component. */
export class TokenizerError extends WebformersError {
  override readonly name = 'TokenizerError'
}
