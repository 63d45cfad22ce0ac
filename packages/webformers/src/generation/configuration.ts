/** @file GenerationConfig: how text is generated, unless a call says otherwise. */
import type { FileOptions, Repository, Source } from '@webformers/hub'
import type { GenerationMode } from '@webformers/runtime'
import { openSource, readConfiguration } from '../configuration'
import { OptionError } from '../errors'
import { nearest } from '../trainer/nearest'
import { checkValue } from './checks'
import { EXTRA_OUTPUTS, warnOnce, withoutEffect } from './validation'
import { defaults, type GenerationKey, type GenerationValues, refused } from './values'

type Json = Readonly<Record<string, unknown>>

export const isKey = (name: string): name is GenerationKey => Object.hasOwn(defaults, name)

/** An object that has the values as its own properties. */
const Values = class {
  constructor(values: GenerationValues) {
    Object.assign(this, structuredClone(values))
  }
} as new (
  values: GenerationValues,
) => GenerationValues

/** Where a configuration came from, which decides what an explicit one takes from a model's own. */
interface Origin {
  /** Made of the model's configuration, for want of a `generation_config.json`. */
  readonly fromModelConfig?: boolean
  /** The version of Transformers that wrote the file. */
  readonly version?: string
}

/**
 * How text is generated: every key of Python's class, with Python's defaults. Like `GenerationConfig`.
 * @example
 * const config = new GenerationConfig({ max_new_tokens: 64, do_sample: true, top_p: 0.9 })
 * config.top_k // 50
 * new GenerationConfig({ max_tokens: 64 }) // OptionError: GenerationConfig has no "max_tokens". Did you mean "max_new_tokens"?
 * @throws {OptionError} when a key is unknown, can't be acted on or has a value that makes no sense
 */
export class GenerationConfig extends Values {
  #extra: Json = {}
  #origin: Origin = {}

  constructor(values: Partial<GenerationValues> = {}) {
    super({ ...defaults, ...given(values) })
    this.validate()
  }

  /** Keys of the file that no generation reads, such as a model's languages. */
  get extra(): Json {
    return this.#extra
  }
  get origin(): Origin {
    return this.#origin
  }

  /** Check the values together; what has no effect is warned of. Like `validate`.
   * @throws {OptionError} when they contradict each other */
  validate() {
    const issues = [...withoutEffect(this).values()]
    if (issues.length > 0) warnOnce(`these options of a generation have no effect: ${issues.join('; ')}.`)
  }

  /** How the next tokens are found. Like `get_generation_mode`.
   * @param assisted whether there is an assistant model
   * @throws {OptionError} when it would have to be found in two ways */
  getGenerationMode(assisted = false): GenerationMode {
    const { num_beams, num_beam_groups, do_sample, top_k, penalty_alpha } = this
    const contrastive = (top_k ?? 0) > 1 && (penalty_alpha ?? 0) > 0
    let mode: GenerationMode
    if ((num_beams ?? 1) === 1)
      mode = do_sample ? 'sample' : contrastive ? 'contrastive_search' : 'greedy_search'
    else if ((num_beam_groups ?? 1) > 1) mode = 'group_beam_search'
    else mode = do_sample ? 'beam_sample' : 'beam_search'
    const others = {
      assisted_generation: assisted || this.prompt_lookup_num_tokens !== null,
      dola_generation: this.dola_layers !== null,
    }
    for (const [other, wanted] of Object.entries(others) as [GenerationMode, boolean][]) {
      if (!wanted) continue
      if (mode !== 'greedy_search' && mode !== 'sample')
        throw new OptionError(
          `${other} goes with greedy search and with sampling, but the options ask for ${mode}.`,
        )
      mode = other
    }
    return mode
  }

  /** By Python's names, the keys of the file that nothing reads included. Like `to_dict`. */
  toDict(): Record<string, unknown> {
    return { ...this.#extra, ...this }
  }

  /** What differs from the defaults, as it stands in `generation_config.json`. Like `to_diff_dict`. */
  toDiffDict(): Record<string, unknown> {
    const differs = ([key, value]: [string, unknown]) => !isKey(key) || !same(value, defaults[key])
    return Object.fromEntries(Object.entries(this.toDict()).filter(differs))
  }

  /** A copy with some values changed. */
  with(values: Partial<GenerationValues>): GenerationConfig {
    return GenerationConfig.#restored({ ...this, ...given(values) }, this.#extra, this.#origin)
  }

  /**
   * The configuration in a repository's `generation_config.json`; where there is none, what `config.json` says of generation.
   * Like `GenerationConfig.from_pretrained`, and `from_model_config` where a model has no such file.
   * @example
   * const config = await GenerationConfig.fromPretrained('HuggingFaceTB/SmolLM2-135M-Instruct')
   * config.eos_token_id // 2
   * @throws {OptionError} @throws {RepositoryNotFoundError} @throws {OfflineError}
   */
  static async fromPretrained(
    source: Source | Repository,
    options: FileOptions = {},
  ): Promise<GenerationConfig> {
    const repository = await openSource(source, options)
    return (await repository.has('generation_config.json'))
      ? GenerationConfig.fromJson(await repository.json<Json>('generation_config.json'))
      : GenerationConfig.fromModelConfig({ ...(await readConfiguration(repository)).config })
  }

  /** The configuration that a parsed `generation_config.json` holds. Keys that nothing here reads are kept. Like `from_dict`.
   * @throws {OptionError} when a value makes no sense */
  static fromJson(json: Json): GenerationConfig {
    const { transformers_version, _from_model_config, _commit_hash, ...rest } = json
    const { values, extra } = sorted(rest)
    return GenerationConfig.#restored(values, extra, {
      ...(typeof transformers_version === 'string' && { version: transformers_version }),
      ...(_from_model_config === true && { fromModelConfig: true }),
    })
  }

  /** What a model's configuration says of generation, as older files do. Like `from_model_config`.
   * @throws {OptionError} when a value makes no sense */
  static fromModelConfig(config: Json): GenerationConfig {
    // A default that the outer part states goes after what the decoder's own part says.
    const outer = Object.entries(config).filter(
      ([key, value]) => value !== null && isKey(key) && !same(value, defaults[key]),
    )
    const { values } = sorted({ ...decoderOf(config), ...Object.fromEntries(outer) })
    const outputs = EXTRA_OUTPUTS.some((key) => values[key])
    return GenerationConfig.#restored(
      { ...values, ...(outputs && { return_dict_in_generate: true }) },
      {},
      { fromModelConfig: true },
    )
  }

  static #restored(values: Partial<GenerationValues>, extra: Json, origin: Origin): GenerationConfig {
    const config = new GenerationConfig()
    Object.assign(config, structuredClone(values))
    config.#extra = extra
    config.#origin = origin
    config.validate()
    return config
  }
}

/** The part of a configuration that is of the decoder, where it has one of its own. */
function decoderOf(config: Json): Json | undefined {
  const parts = ['decoder', 'generator', 'text_config'].map((key) => config[key])
  return parts.find((part): part is Json => typeof part === 'object' && part !== null)
}

/** What a file says, apart from what nothing reads. A file is not refused for what no tab can act on. */
function sorted(json: Json): { values: Partial<GenerationValues>; extra: Json } {
  const values: [string, unknown][] = []
  const extra: [string, unknown][] = []
  for (const [key, value] of Object.entries(json)) {
    if (!isKey(key)) extra.push([key, value])
    else if (refused[key] && !same(value, defaults[key]))
      warnOnce(`${key} of this model's generation configuration is left out: ${refused[key]}.`)
    else {
      checkValue(key, value)
      values.push([key, value])
    }
  }
  return { values: Object.fromEntries(values), extra: Object.fromEntries(extra) }
}

/** What somebody asked for, checked. */
function given(values: Partial<GenerationValues>): Partial<GenerationValues> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([key, value]) => {
      if (value === undefined) return []
      if (!isKey(key)) {
        throw new OptionError(
          `GenerationConfig has no "${key}". Did you mean "${nearest(key, Object.keys(defaults))}"?`,
        )
      }
      checkGiven(key, value)
      return [[key, value]]
    }),
  )
}

/** @throws {OptionError} when nothing can act on a key, or its value can't be one of its
 * @param name what the one who gave it called the key */
export function checkGiven(key: GenerationKey, value: unknown, name: string = key) {
  if (refused[key] && !same(value, defaults[key]))
    throw new OptionError(`${name} can't be acted on here: ${refused[key]}.`)
  checkValue(key, value, name)
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)
