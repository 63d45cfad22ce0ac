/** @file Backbones: models whose stages others build on, by the names of the stages or by their places. */
import { type Json, refuse } from './configuration'

/** Which stages a backbone gives. */
export interface BackboneKeys {
  readonly stage_names: readonly string[]
  readonly out_features: readonly string[]
  readonly out_indices: readonly number[]
}

/**
 * The stages that a `config.json` asks for by `out_features`, by `out_indices`, or by neither: then it is the last.
 * @example backboneKeys({ out_indices: [1] }, ['stem', 'stage1']) // { out_features: ['stage1'], out_indices: [1], stage_names: … }
 * @throws {ConfigurationError} when there is no such stage, or both do not mean the same
 */
export function backboneKeys(json: Json, stage_names: readonly string[]): BackboneKeys {
  const config = { model_type: String(json.model_type), ...json }
  const known = stage_names.map((name) => JSON.stringify(name)).join(', ')
  const features = listOf<string>(json.out_features)
  const places = listOf<number>(json.out_indices)
  const indices = places?.map((place) => (place < 0 ? place + stage_names.length : place))
  const named = indices?.map((place) => stage_names[place])
  const wanted = features ?? named ?? [stage_names.at(-1)!]
  const found = wanted.map((name) => stage_names.indexOf(name!))
  const ordered = found.every((place, i) => place > (found[i - 1] ?? -1))
  if (!ordered)
    refuse(config, features ? 'out_features' : 'out_indices', `stages in their order, of ${known}`)
  if (features && named && String(features) !== String(named))
    refuse(config, 'out_indices', `the places of out_features, ${JSON.stringify(found)}`)
  return { stage_names, out_features: wanted as string[], out_indices: places ?? found }
}

const listOf = <T>(value: unknown) => (Array.isArray(value) ? (value as readonly T[]) : undefined)

/** Of values, one for each stage, those that a backbone gives. */
export const chosenStages = <T>({ stage_names, out_features }: BackboneKeys, stages: readonly T[]): T[] =>
  stages.filter((_, place) => out_features.includes(stage_names[place]!))
