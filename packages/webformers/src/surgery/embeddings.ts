/** @file The input and output embeddings of a model. */
import { type EmbeddingModule, embeddingModules, UnknownPathError } from '@webformers/models'
import type { Programs } from '../programs'
import { findParameter } from './model-parameters'
import { type Parameter, parameterOf } from './parameters'
import { reconfigured } from './reconfigured'

/** A module that holds a table: a row for each token, or what cuts an image into patches. */
export interface Embeddings {
  /** Its path in the module tree. */
  readonly path: string
  readonly weight: Parameter
  readonly bias?: Parameter
}

const modulesOf = ({ configured, head }: Programs) =>
  embeddingModules(configured.architecture, head, configured.config)

function embeddingsOf(model: Programs, { path, weight, bias }: EmbeddingModule): Embeddings {
  const parameter = (name: string) => parameterOf(model, findParameter(model, name))
  return { path, weight: parameter(weight), ...(bias !== undefined && { bias: parameter(bias) }) }
}

/** @throws {UnknownPathError} when nothing looks the inputs up */
export function inputEmbeddings(model: Programs): Embeddings {
  const { input } = modulesOf(model)
  if (input) return embeddingsOf(model, input)
  throw new UnknownPathError(
    `The model of model_type "${model.config.model_type}" has no module that looks its inputs up in a table.`,
  )
}

export function outputEmbeddings(model: Programs): Embeddings | undefined {
  const { output } = modulesOf(model)
  return output && embeddingsOf(model, output)
}

/** @throws {UnknownPathError} when nothing gives each token a score */
export function expectOutputEmbeddings(model: Programs): Embeddings {
  const found = outputEmbeddings(model)
  if (found) return found
  throw new UnknownPathError(
    `The head ${model.head} gives no score to each token of a vocabulary, so it has no output embeddings. ` +
      'Load the model with a head for language, such as AutoModelForMaskedLM.',
  )
}

/** The output embeddings become the input embeddings, where there are both and they are two. */
export async function tieWeights(model: Programs): Promise<void> {
  const { input, output } = modulesOf(model)
  if (!input || !output || input.weight === output.weight) return
  await model.change([], reconfigured(model.configured, { tie_word_embeddings: true }))
}
