/** @file What a model is made of: its parameters by their names, and the tensors that hold them. */
import type { SavedTensor } from '@webformers/hub'
import { type ModelParameter, modelParameters, nearestPath, UnknownPathError } from '@webformers/models'
import type { Programs } from '../programs'

/** All parameters of a model, in the order of the module tree, and what it keeps beside them: its buffers. */
export function tensorsOf({ configured, head }: Pick<Programs, 'configured' | 'head'>): ModelParameter[] {
  return modelParameters(configured.architecture, head, configured.config)
}

/** All that training may change. */
export const parametersOf = (model: Pick<Programs, 'configured' | 'head'>): ModelParameter[] =>
  tensorsOf(model).filter(({ buffer }) => !buffer)

/**
 * The parameter of a name: its own, one of a place it is tied to, with or without the prefix of the base model.
 * @throws {UnknownPathError} when there is none; it names the nearest
 */
export function findParameter(model: Programs, name: string): ModelParameter {
  const all = tensorsOf(model)
  const found =
    all.find(({ paths }) => paths.includes(name)) ?? all.find(({ sources }) => sources.includes(name))
  if (found) return found
  const nearest = nearestPath(
    name,
    all.flatMap(({ paths }) => paths),
  )
  throw new UnknownPathError(
    `The model has no parameter "${name}"${nearest ? `; near it: "${nearest}"` : ''}. namedParameters() lists all of them.`,
  )
}

/** Tensors of a model under their own names, as they lie in its checkpoint or as they were changed. */
export async function storedTensors(
  { client, files, policy }: Programs,
  names: readonly string[],
  dtype?: 'fp32',
): Promise<SavedTensor[]> {
  const wanted = new Set(names)
  const parameters = policy.parameters.filter(({ sources }) => wanted.has(sources[0]!))
  const changed = policy.changed?.filter(({ name }) => wanted.has(name))
  return client.save(files, { ...policy, parameters, changed }, { dtype })
}
