/** @file What a model from an exported graph can't do: that has constants where the model had parameters, and no modules. */
import type { ModelAdapters } from '../adapters'
import { FrozenModelError } from '../errors'
import type { ModelFeatures } from '../features'
import type { ModelGeneration } from '../generation'
import type { ModelInternals } from '../internals'
import type { ModelOutput } from '../outputs'
import type { ModelSaving } from '../saving'
import type { ModelSurgery } from '../surgery'

/** All that needs a model's parts. */
export type MethodsOfParts<O extends ModelOutput> = ModelSaving &
  ModelInternals<O> &
  ModelSurgery &
  ModelAdapters &
  ModelFeatures &
  ModelGeneration
type Methods = MethodsOfParts<ModelOutput>

const reasons = {
  save: "it has no parameters to save under their names. Copy the repository's files, or load",
  look: "it has no modules to look into and can't be trained. Load",
  change: 'it has no parameters to read or to change. Load',
  adapt: "it can't be adapted. Load",
  generate: 'it can be called, but its loop is not there yet. Load',
}
type Reason = keyof typeof reasons

/** Why each is refused, and whether by a promise, as what it gives is one. */
const refused: {
  readonly [M in keyof Methods]: ReturnType<Methods[M]> extends Promise<unknown>
    ? readonly [Reason, 'promise']
    : readonly [Reason]
} = {
  savePretrained: ['save', 'promise'],
  toFiles: ['save', 'promise'],
  pushToHub: ['save', 'promise'],
  toOnnx: ['save', 'promise'],
  capture: ['look'],
  patch: ['look'],
  gradients: ['look', 'promise'],
  compile: ['look'],
  fit: ['look', 'promise'],
  trainable: ['look', 'promise'],
  pruneHeads: ['change', 'promise'],
  resizeTokenEmbeddings: ['change', 'promise'],
  getInputEmbeddings: ['change'],
  setInputEmbeddings: ['change', 'promise'],
  getOutputEmbeddings: ['change'],
  setOutputEmbeddings: ['change', 'promise'],
  tieWeights: ['change', 'promise'],
  parameters: ['change'],
  namedParameters: ['change'],
  getParameter: ['change', 'promise'],
  setParameter: ['change', 'promise'],
  numParameters: ['change'],
  stateDict: ['change', 'promise'],
  requiresGrad: ['change'],
  addAdapter: ['adapt', 'promise'],
  loadAdapter: ['adapt', 'promise'],
  setAdapter: ['adapt'],
  disableAdapters: ['adapt'],
  enableAdapters: ['adapt'],
  activeAdapters: ['adapt'],
  deleteAdapter: ['adapt', 'promise'],
  mergeAdapter: ['adapt', 'promise'],
  unmergeAdapter: ['adapt', 'promise'],
  saveAdapter: ['adapt', 'promise'],
  getImageFeatures: ['look', 'promise'],
  getTextFeatures: ['look', 'promise'],
  getAudioFeatures: ['look', 'promise'],
  getImageEmbeddings: ['look', 'promise'],
  imageGuidedDetection: ['look', 'promise'],
  generate: ['generate', 'promise'],
  stream: ['generate'],
  getGenerationConfig: ['generate', 'promise'],
  computeTransitionScores: ['generate', 'promise'],
}

/** Methods that all end in a FrozenModelError. @param name the repository's */
export function refusals<O extends ModelOutput>(name: string): MethodsOfParts<O> {
  const methods = Object.entries(refused).map(([method, [reason, promise]]) => {
    const refuse = (): never => {
      throw new FrozenModelError(
        `The model of ${name} was loaded from a graph that somebody exported: ${reasons[reason]} the model from its original weights.`,
      )
    }
    return [method, promise ? async () => refuse() : refuse]
  })
  return Object.fromEntries(methods)
}
