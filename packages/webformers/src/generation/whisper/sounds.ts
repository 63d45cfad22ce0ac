/** @file Sounds that are being written down, and what the decoder is given to go on with each of them. */
import { OptionError } from '../../errors'
import type { GenerationConfig } from '../configuration'
import type { Segment } from '../outputs'
import type { Prompts } from '../prompt'
import type { SpeechSettings } from './options'
import type { Written } from './segments'

/** A sound, and what has been written of it. */
export interface Sound {
  /** Its place among the spectrograms. */
  readonly row: number
  readonly frames: number
  /** How many of them are done. */
  seek: number
  /** What each of its segments begins with. */
  readonly initial: readonly number[]
  readonly segments: Segment[]
  /** When the tokens of each of them begin, from where the model began to listen. */
  readonly times: Float32Array[]
  /** What the model gave at first. */
  first?: Written
  /** Whether the next segment is told what was said before. */
  conditions: boolean
}

/**
 * What the decoder begins with for the next segment of each sound: what was said before, or a prompt, and the initial tokens.
 * Like `_prepare_decoder_input_ids`.
 */
export function decoderPrompts(
  sounds: readonly Sound[],
  settings: SpeechSettings,
  config: GenerationConfig,
): Pick<Prompts, 'rows' | 'keep' | 'hasAttentionMask'> {
  const before = textsBefore(sounds, settings, config)
  const rows = sounds.map(({ initial }, i) => Int32Array.of(...before.texts[i]!, ...initial))
  const { pad_token_id } = config
  const keep = rows.map((row) =>
    Uint8Array.from(row, (token) => Number(!before.padded || token !== pad_token_id)),
  )
  return { rows, keep, hasAttentionMask: before.padded }
}

interface Before {
  readonly texts: readonly (readonly number[])[]
  /** Whether some were made as long as the others. */
  readonly padded: boolean
}

function textsBefore(sounds: readonly Sound[], settings: SpeechSettings, config: GenerationConfig): Before {
  const { prompt_ids, prompt_condition_type, max_target_positions, timestamp_begin } = settings
  const said = sounds.map(({ conditions, segments }) => (conditions ? segments : []))
  const first = firstPrompt(settings)
  if (
    !said.some((segments) => segments.length > 0) &&
    !(first && sounds.some(({ conditions }) => conditions))
  )
    return { texts: sounds.map(() => prompt_ids ?? []), padded: false }
  const start =
    prompt_condition_type === 'all-segments' && prompt_ids ? prompt_ids : beginning(settings, config)
  const texts = said.map((segments, i) => {
    const prompt = sounds[i]!.conditions ? (first ?? []) : []
    const tokens = [
      ...prompt,
      ...segments.flatMap(({ tokens }) => [...withoutDouble(tokens, timestamp_begin)]),
    ]
    return [...start, ...tokens.slice(-(Math.floor(max_target_positions / 2) - 1))]
  })
  const longest = Math.max(...texts.map(({ length }) => length))
  const pad = config.pad_token_id ?? 0
  const padding = (length: number) => Array.from({ length: longest - length }, () => pad)
  return { texts: texts.map((text) => [...padding(text.length), ...text]), padded: true }
}

/** The prompt as if it had been said before the first segment, without the token that begins what was said before. */
function firstPrompt({
  prompt_ids,
  prompt_condition_type,
  own,
}: SpeechSettings): readonly number[] | undefined {
  if (!prompt_ids || prompt_condition_type !== 'first-segment') return undefined
  return prompt_ids[0] === own.prev_sot_token_id ? prompt_ids.slice(1) : prompt_ids
}

/** The token that begins what was said before; older files don't name it, but forbid it. */
function beginning({ own }: SpeechSettings, { suppress_tokens }: GenerationConfig): number[] {
  const token = own.prev_sot_token_id ?? suppress_tokens?.at(-2)
  return token === undefined ? [] : [token]
}

/** Of two times at the end the second begins what follows. */
const withoutDouble = (tokens: Int32Array, timestamp_begin: number) =>
  tokens.length > 2 && tokens.at(-2)! >= timestamp_begin ? tokens.subarray(0, -1) : tokens

/** @throws {OptionError} when prompt and answer can't be as long as was asked for */
export function expectRoom(
  { rows: [first] }: Pick<Prompts, 'rows'>,
  { max_new_tokens }: GenerationConfig,
  { max_target_positions }: SpeechSettings,
) {
  const length = first!.length + (max_new_tokens ?? 0)
  if (length > max_target_positions)
    throw new OptionError(
      `The decoder begins with ${first!.length} tokens, and maxNewTokens is ${max_new_tokens ?? 0}: ${length} together, of ` +
        `${max_target_positions} that the model can read. Ask for fewer, or give a shorter prompt.`,
    )
}
