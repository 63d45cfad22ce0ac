/** @file What can be done to a model's parts: read them, set them, take heads out, let the vocabulary grow. */
import type { PrunedHeads } from '@webformers/models'
import type { Programs } from '../programs'
import type { Tensor } from '../tensor'
import {
  type Embeddings,
  expectOutputEmbeddings,
  inputEmbeddings,
  outputEmbeddings,
  tieWeights,
} from './embeddings'
import { parametersOf } from './model-parameters'
import {
  type CountOptions,
  countParameters,
  type Parameter,
  parameterOf,
  type Selection,
  setRequiresGrad,
} from './parameters'
import type { ResizeOptions } from './resize'

export type { CountOptions, Embeddings, Parameter, PrunedHeads, ResizeOptions, Selection }

/** What changes a model waits for its calls under way, and for changes before it; the next call loads the model as it is then. */
export interface ModelSurgery {
  /** Take attention heads out of layers, by their places before any was pruned. `config.pruned_heads` adds them up, a saved
   * model loads without them, in Python too. Layers of an encoder-decoder's other attentions are `decoder.0` and `cross.0`.
   * Heads that share keys and values can only go together. Like `prune_heads` in Python.
   * @example
   * await model.pruneHeads({ 0: [1, 2], 5: [0] })
   * model.config.pruned_heads // { 0: [1, 2], 5: [0] }
   * @throws {ConfigurationError} when there are no such heads, none would be left, or a group would be torn apart
   */
  pruneHeads(heads: PrunedHeads): Promise<void>
  /** Make room for a vocabulary of another size, at the input and, where the model gives scores of tokens, at the output. New rows
   * lie at the end; a smaller vocabulary loses its last ones. Like `resize_token_embeddings` in Python.
   * @param count how many tokens; without it, and without `padToMultipleOf`, nothing changes
   * @returns the input embeddings as they are then
   * @example
   * tokenizer.addTokens(['<city>'])
   * const { weight } = await model.resizeTokenEmbeddings(tokenizer.length)
   * weight.shape // [30523, 768]
   * await model.resizeTokenEmbeddings(tokenizer.length, { padToMultipleOf: 64 })
   * @throws {OptionError} when the size makes no sense, or the model has no vocabulary
   */
  resizeTokenEmbeddings(count?: number, options?: ResizeOptions): Promise<Embeddings>
  /** The module that looks up the ids of tokens, or cuts an image into patches. Like `get_input_embeddings` in Python.
   * @example model.getInputEmbeddings().weight.name // 'bert.embeddings.word_embeddings.weight'
   * @throws {UnknownPathError} when there is none
   */
  getInputEmbeddings(): Embeddings
  /** Set the table of these; it is that of the output embeddings, too, where both are tied. Like `set_input_embeddings` in Python.
   * @example await model.setInputEmbeddings(tensor(vectors, [30522, 768]))
   * @throws {TensorShapeError} when it has another shape @throws {UnknownPathError} when there are none
   */
  setInputEmbeddings(weight: Tensor): Promise<void>
  /** The module that gives each token of the vocabulary a score. Like `get_output_embeddings` in Python.
   * @example model.getOutputEmbeddings()?.path // 'cls.predictions.decoder'
   */
  getOutputEmbeddings(): Embeddings | undefined
  /** Set their matrix; it is the table of the input embeddings, too, where both are tied. Like `set_output_embeddings` in Python.
   * @throws {TensorShapeError} when it has another shape @throws {UnknownPathError} when there are none
   */
  setOutputEmbeddings(weight: Tensor): Promise<void>
  /** Make the output embeddings those of the input from now on, as `tie_word_embeddings` says then. Like `tie_weights` in Python
   * once the configuration says so.
   * @example
   * await model.tieWeights()
   * model.getOutputEmbeddings()?.weight.name // 'model.embed_tokens.weight'
   */
  tieWeights(): Promise<void>
  /** All parameters, tied ones once. Like `parameters` in Python.
   * @example model.parameters().reduce((sum, { size }) => sum + size, 0) // 66955010
   */
  parameters(): Parameter[]
  /** The same with their names. Like `named_parameters` in Python; what they hold is read when it is asked for.
   * @example
   * for (const [name, { shape }] of model.namedParameters()) console.log(name, shape)
   * const norms = model.namedParameters().map(async ([name, parameter]) => [name, await parameter.value()])
   */
  namedParameters(): [name: string, parameter: Parameter][]
  /** What a parameter holds; any of a tied one's names will do. Like `get_parameter` in Python.
   * @example await model.getParameter('classifier.bias') // { dtype: 'float32', shape: [2], data: Float32Array [0.1, -0.1] }
   * @throws {UnknownPathError} when there is none of that name; it tells the nearest
   * @throws {MissingTensorError} when the checkpoint lacks it, and the model does without
   */
  getParameter(name: string): Promise<Tensor<'float32'>>
  /** Set what a parameter holds, and so everything it is tied to. Like `get_parameter(name).data = value` in Python.
   * @example await model.setParameter('classifier.bias', tensor([0.5, -0.5]))
   * @throws {UnknownPathError} @throws {TensorShapeError} when it has another shape
   */
  setParameter(name: string, value: Tensor): Promise<void>
  /** How many numbers the parameters hold, those of adapters included. Like `num_parameters` in Python.
   * @example model.numParameters({ excludeEmbeddings: true }) // 43119362
   */
  numParameters(options?: CountOptions): number
  /** All parameters by all their names; a large model fills the memory of the page. Like `state_dict` in Python.
   * @example (await model.stateDict())['classifier.bias'] // { dtype: 'float32', shape: [2], data: Float32Array [0.1, -0.1] }
   */
  stateDict(): Promise<Record<string, Tensor<'float32'>>>
  /** Whether training changes parameters: all of them, those of a module, those whose names an expression fits, or those of a list.
   * Frozen ones cost training nothing. Like `requires_grad_` in Python.
   * @example
   * model.requiresGrad(false, 'bert') // model.bert.requires_grad_(False)
   * model.requiresGrad(true, /LayerNorm/)
   * model.numParameters({ onlyTrainable: true }) // 20994
   * @throws {UnknownPathError} when there are none of that name
   */
  requiresGrad(value?: boolean, which?: Selection): void
}

export function surgeryOf(model: Programs): ModelSurgery {
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <R>(change: () => Promise<R>): Promise<R> => {
    const next = last.then(change)
    last = next.catch(() => {})
    return next
  }
  const parameters = () => parametersOf(model).map((each) => parameterOf(model, each))
  const set = (name: () => string, value: Tensor) =>
    inTurn(async () => (await import('./values')).setValue(model, name(), value))
  return {
    pruneHeads: (heads) => inTurn(async () => (await import('./prune')).pruneHeads(model, heads)),
    resizeTokenEmbeddings: (count, options = {}) =>
      inTurn(async () => {
        await (await import('./resize')).resizeTokenEmbeddings(model, count, options)
        return inputEmbeddings(model)
      }),
    getInputEmbeddings: () => inputEmbeddings(model),
    setInputEmbeddings: (weight) => set(() => inputEmbeddings(model).weight.name, weight),
    getOutputEmbeddings: () => outputEmbeddings(model),
    setOutputEmbeddings: (weight) => set(() => expectOutputEmbeddings(model).weight.name, weight),
    tieWeights: () => inTurn(() => tieWeights(model)),
    parameters,
    namedParameters: () => parameters().map((each) => [each.name, each]),
    getParameter: async (name) => (await import('./values')).readValue(model, name),
    setParameter: (name, value) => set(() => name, value),
    numParameters: (options) => countParameters(model, options),
    stateDict: async () => (await import('./values')).stateDict(model),
    requiresGrad: (value = true, which) => setRequiresGrad(model, value, which),
  }
}
