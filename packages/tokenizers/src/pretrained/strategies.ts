/** @file Padding and truncation as a call asks for them, with the defaults and warnings of Transformers. */
import { TokenizerError } from '../errors'
import type { Truncation } from '../truncation'
import type { Settings } from './assemble'
import type { CallOptions } from './options'

export interface Strategies {
  padding: 'none' | 'longest' | 'maxLength'
  truncation: Truncation['strategy'] | undefined
  maxLength: number | undefined
}

/** From here on a limit means none. */
const LARGE = 1e20

const PADDING = {
  true: 'longest',
  longest: 'longest',
  maxLength: 'maxLength',
  doNotPad: 'none',
  false: 'none',
} as const
const TRUNCATION = {
  true: 'longestFirst',
  longestFirst: 'longestFirst',
  onlyFirst: 'onlyFirst',
  onlySecond: 'onlySecond',
  doNotTruncate: undefined,
  false: undefined,
} as const

/** @throws {TokenizerError} when a strategy does not exist, or there is nothing to pad with. */
export function strategiesOf(
  options: Pick<CallOptions, 'padding' | 'truncation' | 'maxLength' | 'padToMultipleOf'>,
  settings: Settings,
  canPad: boolean,
  warn: (message: string) => void,
): Strategies {
  let { maxLength } = options
  let padding = pick('padding', PADDING, options.padding ?? false)
  let truncation = pick('truncation', TRUNCATION, options.truncation ?? false)
  if (maxLength !== undefined && (options.padding ?? false) === false && options.truncation === undefined) {
    warn('maxLength is given without truncation: truncating as with truncation: "longestFirst".')
    truncation = 'longestFirst'
  }
  if (options.padding === true && maxLength !== undefined && truncation === undefined) {
    warn('maxLength is ignored with padding: true and no truncation. To pad to it, use padding: "maxLength".')
  }
  if (maxLength === undefined) {
    const limited = settings.modelMaxLength <= LARGE
    if (padding === 'maxLength' && !limited) {
      warn('padding: "maxLength" without a maxLength, and the model has no limit: no padding.')
      padding = 'none'
    }
    if (truncation !== undefined && !limited) {
      warn('truncation without a maxLength, and the model has no limit: no truncation.')
      truncation = undefined
    }
    if (padding === 'maxLength' || truncation !== undefined) maxLength = settings.modelMaxLength
  }
  if (padding !== 'none' && !canPad) {
    throw new TokenizerError(
      'The tokenizer has no token to pad with. Set one, such as tokenizer.padToken = tokenizer.eosToken, or add one with addSpecialTokens({ pad_token: "[PAD]" }).',
    )
  }
  const multiple = options.padToMultipleOf
  if (
    truncation &&
    padding !== 'none' &&
    multiple !== undefined &&
    maxLength !== undefined &&
    maxLength % multiple !== 0
  ) {
    throw new TokenizerError(
      `With padding and truncation, maxLength (${maxLength}) must be a multiple of padToMultipleOf (${multiple}).`,
    )
  }
  return { padding, truncation, maxLength }
}

function pick<Table extends Record<string, unknown>>(
  name: string,
  table: Table,
  value: unknown,
): Table[keyof Table] {
  const key = String(value)
  if (Object.hasOwn(table, key)) return table[key] as Table[keyof Table]
  throw new TokenizerError(
    `${name} is ${JSON.stringify(value)}, but must be one of ${Object.keys(table).join(', ')}.`,
  )
}
