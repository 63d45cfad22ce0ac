/** @file How fast rotary embeddings turn: `rope_theta` and `rope_scaling`, as transformers' modeling_rope_utils.py. */
import type { RotaryFrequencies } from '@webformers/graph'
import { type PretrainedConfig, refuse } from './configuration'

/** `rope_scaling` of a config.json; which keys it needs, its type says. */
export interface RopeScaling {
  readonly rope_type?: string
  /** The older name of `rope_type`. */
  readonly type?: string
  readonly factor?: number
  readonly attention_factor?: number
  readonly original_max_position_embeddings?: number
  readonly low_freq_factor?: number
  readonly high_freq_factor?: number
  readonly beta_fast?: number
  readonly beta_slow?: number
  readonly mscale?: number
  readonly mscale_all_dim?: number
  readonly truncate?: boolean
  readonly short_factor?: readonly number[]
  readonly long_factor?: readonly number[]
}

/** What a configuration says of its rotary embeddings. */
export interface RopeConfig {
  readonly hidden_size: number
  readonly num_attention_heads: number
  readonly head_dim?: number | null
  readonly partial_rotary_factor?: number
  readonly max_position_embeddings: number
  readonly original_max_position_embeddings?: number
  readonly rope_theta: number
  readonly rope_scaling?: RopeScaling | null
}

const typeOf = ({ rope_scaling: scaling }: RopeConfig) => scaling?.rope_type ?? scaling?.type ?? 'default'

/** How many channels of a head turn. */
const turning = ({ head_dim, hidden_size, num_attention_heads, partial_rotary_factor = 1 }: RopeConfig) =>
  Math.trunc((head_dim ?? Math.floor(hidden_size / num_attention_heads)) * partial_rotary_factor)

/** The keys that a type of scaling cannot do without. */
const required: Readonly<Record<string, readonly (keyof RopeScaling)[]>> = {
  default: [],
  linear: ['factor'],
  llama3: ['factor', 'low_freq_factor', 'high_freq_factor', 'original_max_position_embeddings'],
  yarn: ['factor'],
  longrope: ['short_factor', 'long_factor'],
}

/**
 * Refuse a `rope_scaling` that nothing here computes, or that lacks what its type needs.
 * @throws {ConfigurationError} naming what it lacks.
 */
export function expectRope(config: PretrainedConfig & RopeConfig) {
  const keys = Object.hasOwn(required, typeOf(config)) ? required[typeOf(config)] : undefined
  if (!keys) refuse(config, 'rope_scaling', `a rope_type of ${Object.keys(required).join(', ')}`)
  const pairs = turning(config) / 2
  if (!Number.isInteger(pairs)) refuse(config, 'head_dim', 'an even number of channels that turn')
  for (const key of keys) {
    const value = config.rope_scaling![key]
    if (!key.endsWith('_factor') || typeof value === 'number' || key.endsWith('freq_factor')) {
      if (typeof value !== 'number') refuse(config, 'rope_scaling', `one with ${key}, a number`)
    } else if (!Array.isArray(value) || value.length !== pairs) {
      refuse(config, 'rope_scaling', `one with ${key}, a list of ${pairs} numbers`)
    }
  }
}

const round = Math.fround

/** A number over a float32: torch multiplies with the inverse. */
const over = (number: number, x: number) => round(round(1 / x) * round(number))

/** theta^(2i / size), whose inverses are the frequencies of an embedding that is not scaled. */
const wavelengths = (config: RopeConfig): number[] => {
  const size = turning(config)
  return Array.from({ length: size / 2 }, (_, i) => round(config.rope_theta ** round((2 * i) / size)))
}

/** The frequencies of a configuration, rounded to float32 at each step, as torch computes them.
 * @example rotaryFrequencies({ ...config, rope_theta: 10000, head_dim: 4 }) // { frequencies: [1, 0.01], scale: 1 }
 */
export function rotaryFrequencies(config: RopeConfig): RotaryFrequencies {
  const lengths = wavelengths(config)
  const plain = lengths.map((length) => round(1 / length))
  const scaling = config.rope_scaling ?? {}
  switch (typeOf(config)) {
    case 'linear':
      return { frequencies: plain.map((frequency) => round(frequency / scaling.factor!)), scale: 1 }
    case 'llama3':
      return { frequencies: plain.map((frequency) => llama3(frequency, scaling)), scale: 1 }
    case 'yarn':
      return yarn(lengths, scaling, config)
    case 'longrope':
      return longRope(lengths, scaling, config)
    default:
      return { frequencies: plain, scale: 1 }
  }
}

/** Long waves are stretched by a factor, short ones stay, between them it fades. */
function llama3(frequency: number, scaling: RopeScaling): number {
  const [factor, low, high] = [scaling.factor!, scaling.low_freq_factor!, scaling.high_freq_factor!]
  const context = scaling.original_max_position_embeddings!
  const length = over(2 * Math.PI, frequency)
  if (length > context / low) return round(frequency / factor)
  if (length < context / high) return frequency
  const smooth = round(round(over(context, length) - low) / (high - low))
  const stretched = round(round(round(1 - smooth) * frequency) / factor)
  return round(stretched + round(smooth * frequency))
}

function yarn(lengths: readonly number[], scaling: RopeScaling, config: RopeConfig): RotaryFrequencies {
  const factor = scaling.factor!
  const context = scaling.original_max_position_embeddings || config.max_position_embeddings
  const size = 2 * lengths.length
  /** The channel whose wave turns so many times over the context. */
  const channel = (turns: number) =>
    (size * Math.log(context / (turns * 2 * Math.PI))) / (2 * Math.log(config.rope_theta))
  const [fast, slow] = [channel(scaling.beta_fast || 32), channel(scaling.beta_slow || 1)]
  const whole = scaling.truncate ?? true
  const low = Math.max(whole ? Math.floor(fast) : fast, 0)
  const high = Math.min(whole ? Math.ceil(slow) : slow, size - 1)
  const span = low === high ? 0.001 : high - low
  const frequencies = lengths.map((length, i) => {
    const kept = round(1 - Math.min(1, Math.max(0, round(round(i - round(low)) / round(span)))))
    const stretched = round(round(1 / round(factor * length)) * round(1 - kept))
    return round(stretched + round(round(1 / length) * kept))
  })
  const grown = (magnitude = 1) => (factor <= 1 ? 1 : 0.1 * magnitude * Math.log(factor) + 1)
  const { mscale, mscale_all_dim, attention_factor } = scaling
  const scale = mscale && mscale_all_dim ? grown(mscale) / grown(mscale_all_dim) : grown()
  return { frequencies, scale: attention_factor ?? scale }
}

/** One factor for each pair of channels, others for sequences longer than those the model first learned with. */
function longRope(lengths: readonly number[], scaling: RopeScaling, config: RopeConfig): RotaryFrequencies {
  const original = config.original_max_position_embeddings
  const longerThan = original || config.max_position_embeddings
  const factor = original ? config.max_position_embeddings / original : scaling.factor!
  const scale = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(longerThan))
  const stretched = (factors: readonly number[]) =>
    lengths.map((length, i) => round(1 / round(round(factors[i]!) * length)))
  return {
    frequencies: stretched(scaling.short_factor!),
    scale: scaling.attention_factor ?? scale,
    longerThan,
    longFrequencies: stretched(scaling.long_factor!),
  }
}
