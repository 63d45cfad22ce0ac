/** @file Which group each weight is in. */
import { InputError } from '../errors'
import type { ParameterGroup, Trainable } from './program'

/**
 * The group of each weight, by its place among the groups.
 * @throws {InputError} when nothing is trained, when a weight is in no group or in two, or when a group names none that is trained.
 */
export function groupsOf(trainable: readonly Trainable[], groups: readonly ParameterGroup[]): number[] {
  if (trainable.length === 0)
    throw new InputError('No weight is to be trained: all of the model is frozen. Unfreeze some of it.')
  const known = new Set(trainable.map(({ name }) => name))
  const found = new Map<string, number>()
  for (const [group, { parameters }] of groups.entries()) {
    for (const name of parameters) {
      if (!known.has(name))
        throw new InputError(
          `Parameter group ${group} names "${name}", which is not trained. Trained: ${[...known].join(', ')}.`,
        )
      if (found.has(name))
        throw new InputError(
          `"${name}" is in parameter group ${found.get(name)} and in ${group}; keep it in one.`,
        )
      found.set(name, group)
    }
  }
  const missing = [...known].filter((name) => !found.has(name))
  if (missing.length > 0)
    throw new InputError(
      `No parameter group holds ${missing.join(', ')}. Put what is trained in one of them, with weightDecay: 0 where it must not decay.`,
    )
  return trainable.map(({ name }) => found.get(name)!)
}
