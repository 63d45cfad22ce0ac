/** @file The architectures there are: the library's own, and those written in the user's page. */
import {
  type Architecture,
  findArchitecture,
  type Json,
  modelTypes,
  type PretrainedConfig,
  pretrainedConfig,
  UnknownArchitectureError,
} from '@webformers/models'
import { OptionError } from './errors'

/** An architecture of one's own: its heads, and where they differ from the default, how its configuration is read,
 * under which name the heads hold the base model, and how older checkpoints spell names. */
export type Registration<C extends PretrainedConfig = PretrainedConfig & Json> = Partial<Architecture<C>> &
  Pick<Architecture<C>, 'heads'>

const registered = new Map<string, Architecture>()

export const knownTypes = (): string[] => [...modelTypes, ...registered.keys()]

/** Make a `model_type` known to all Auto classes and pipelines. Like `AutoModel.register` in Python.
 * @example
 * const { embedding, module } = graph
 * const WordVectors = (c) => module({ words: embedding(c.vocab_size, c.hidden_size) }).forward(
 *   ({ words }, { input_ids }) => ({ last_hidden_state: words(input_ids) }),
 * )
 * AutoModel.register('word-vectors', { heads: { Model: WordVectors } })
 * @throws {OptionError} when the name is taken and `existOk` is not given
 */
export function register<C extends PretrainedConfig = PretrainedConfig & Json>(
  modelType: string,
  { config, base_model_prefix = 'model', ...rest }: Registration<C>,
  { existOk = false } = {},
): void {
  if (!existOk && knownTypes().includes(modelType)) {
    throw new OptionError(
      `model_type "${modelType}" is known already. Choose another name, or replace it with { existOk: true }.`,
    )
  }
  const standard = (json: Json) => pretrainedConfig(json, { model_type: modelType }) as PretrainedConfig as C
  // Heads and configuration belong together: each head only ever gets what this `config` made.
  const architecture = { ...rest, config: config ?? standard, base_model_prefix }
  registered.set(modelType, architecture as unknown as Architecture)
}

/** @throws {UnknownArchitectureError} naming the known ones */
export async function architectureOf(modelType: string): Promise<Architecture> {
  const own = registered.get(modelType)
  if (own) return own
  if (!modelTypes.includes(modelType)) {
    throw new UnknownArchitectureError(
      `No architecture for model_type "${modelType}". Known: ${knownTypes().join(', ')}. ` +
        'Register yours with AutoModel.register().',
    )
  }
  return findArchitecture(modelType)
}
