/** @file Configurations of models with two towers: each has a configuration of its own inside of that of the whole. */
import type { Json, PretrainedConfig } from './configuration'
import { expectHeads, layerCount, type PrunedHeads } from './heads'

interface Tower {
  readonly num_hidden_layers: number
  /** Where layers stand in stages. */
  readonly depths?: readonly number[]
}
type Towers = Readonly<Record<string, (json: Json) => Tower>>
type Keys<T extends Towers> = {
  readonly [N in keyof T & string as `${N}_config`]: ReturnType<T[N]>
}

/**
 * A configuration with those of its towers filled in; the heads that are pruned of each, which the whole names `text.0` or
 * `vision.0`, are told to the tower.
 * @param towers by their names, what fills in the configuration under `<name>_config`
 * @throws {ConfigurationError} when pruned heads name what is not there
 */
export function towerKeys<C extends PretrainedConfig, T extends Towers>(
  config: C,
  json: Json,
  towers: T,
): C & Keys<T> {
  const { pruned_heads } = config
  const parts = Object.entries(towers).map(([name, fill]) => {
    const given = { ...(json[`${name}_config`] as Json), ...(json[`${name}_config_dict`] as Json) }
    return [`${name}_config`, fill({ ...given, pruned_heads: towerHeads(name, pruned_heads) })] as const
  })
  const whole = { ...config, ...Object.fromEntries(parts) } as unknown as C & Keys<T>
  const layers = parts.map(([key, part]) => [key.replace('_config', ''), layerCount(part)])
  expectHeads(whole, Object.fromEntries(layers))
  return whole
}

/** The heads of one tower by their layers. */
export const towerHeads = (tower: string, pruned: PrunedHeads): PrunedHeads =>
  Object.fromEntries(
    Object.entries(pruned).flatMap(([key, heads]) =>
      key.startsWith(`${tower}.`) ? [[key.slice(tower.length + 1), heads]] : [],
    ),
  )
