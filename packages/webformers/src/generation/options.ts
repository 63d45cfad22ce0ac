/** @file The options of `generate()`: keys of a generation configuration in camelCase, and what only a call can be given. */
import { OptionError } from '../errors'
import { nearest } from '../trainer/nearest'
import { checkGiven, type GenerationConfig } from './configuration'
import { defaults, type GenerationKey, type GenerationValues } from './values'

type Camel<Name extends string> = Name extends `${infer First}_${infer Rest}`
  ? `${First}${Capitalize<Camel<Rest>>}`
  : Name

/** Keys of a generation configuration as options. */
export type ConfigOptions = { [Key in GenerationKey as Camel<Key>]?: GenerationValues[Key] }

/** @returns how an option is called that sets a key */
export const optionName = (key: string) =>
  key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

const keys = new Map(Object.keys(defaults).map((key) => [optionName(key), key as GenerationKey]))

/**
 * The options that set keys of a configuration, by key, checked; and the others.
 * @param others the names of options that are no keys
 * @param who has the options
 * @throws {OptionError} when an option is neither, can't be acted on, or has a value that makes no sense
 */
export function splitOptions<Others extends object>(
  options: ConfigOptions & Others,
  others: readonly (keyof Others & string)[],
  who = 'generate()',
): { values: Partial<GenerationValues>; others: Others } {
  const values: [GenerationKey, unknown][] = []
  const rest: [string, unknown][] = []
  for (const [name, value] of Object.entries(options)) {
    const key = keys.get(name)
    if (value === undefined && (key || others.some((other) => other === name))) continue
    if (key) {
      checkGiven(key, value, name)
      values.push([key, value])
    } else if (others.some((other) => other === name)) rest.push([name, value])
    else {
      const meant = nearest(name, [...keys.keys(), ...others])
      throw new OptionError(`${who} has no option "${name}". Did you mean "${meant}"?`)
    }
  }
  return { values: Object.fromEntries(values), others: Object.fromEntries(rest) as Others }
}

/**
 * The configuration of a call: its options go before a configuration it was given, and that before the model's own.
 * Like `_prepare_generation_config`.
 * @param useModelDefaults whether what the given configuration leaves at its default is as in the model's own; else only special
 * tokens are. By default as Python decides: by the version that wrote the model's.
 */
export function configOf(
  model: GenerationConfig,
  values: Partial<GenerationValues>,
  given?: GenerationConfig,
  useModelDefaults = writtenSince(model, [4, 50]),
): GenerationConfig {
  // An older file's name for what is the default now.
  const { cache_implementation } = model
  const own = cache_implementation === 'hybrid' ? model.with({ cache_implementation: null }) : model
  if (!given) return own.with(values)
  if (!useModelDefaults) return given.with({ ...tokensOf(own, given), ...values })
  const taken = (Object.keys(defaults) as GenerationKey[]).filter(
    (key) => same(given[key], defaults[key]) && !same(own[key], defaults[key]),
  )
  const completed = given.with(Object.fromEntries(taken.map((key) => [key, own[key]])))
  // Who asks for no temperature asks for no draws, whatever the model's default is.
  return completed.with({ ...(completed.temperature === 0 && { do_sample: false }), ...values })
}

const SPECIAL = ['bos_token_id', 'eos_token_id', 'pad_token_id', 'decoder_start_token_id'] as const

const tokensOf = (model: GenerationConfig, given: GenerationConfig) =>
  Object.fromEntries(SPECIAL.filter((key) => given[key] === null).map((key) => [key, model[key]]))

/** A file without a version is as new as can be. */
function writtenSince({ origin: { version } }: GenerationConfig, [major, minor]: [number, number]): boolean {
  const [theirs = major, minors = minor] = version?.split('.').map(Number) ?? []
  return theirs > major || (theirs === major && minors >= minor)
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)
