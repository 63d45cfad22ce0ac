/** @file What a page may have a generation ask or tell it on the way. */
import type { AllowedTokens, ScoresHook } from './processors/hooks'
import type { StoppingHook } from './stopping'

export interface Hooks {
  readonly prefixAllowedTokens?: AllowedTokens
  /** After the processors that settings ask for, before those that only sampling has. */
  readonly logitsProcessors?: readonly ScoresHook[]
  readonly stoppingCriteria?: StoppingHook
  /** Tokens that were just chosen, one for each row; assisted decoding tells several of its one row at once. Nobody waits for it. */
  readonly onTokens?: (tokens: Int32Array) => void | Promise<void>
}
