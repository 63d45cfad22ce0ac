/** @file What is inside a model and what can be learnt from it: inner values, gradients, training. */
import type { Repository } from '@webformers/hub'
import type { Items } from './data'
import { OptionError } from './errors'
import type { GradientOptions, Gradients } from './gradients'
import type { ModelInputs } from './inputs'
import type { ForwardOptions, ModelOutput, Patches, Requested } from './outputs'
import type { Programs } from './programs'
import { type CompileOptions, expectCompilable } from './trainer/compile'
import type { FitOptions, History } from './trainer/keras'
import type { TrainableModel } from './trainer/trainable'

export interface ModelInternals<O extends ModelOutput> {
  /** The model, giving values from inside of it besides, by the paths of their modules. Like forward hooks in PyTorch.
   * @example
   * const look = model.capture(['encoder.layer.3.attention.self.query'])
   * const { captured } = await look(tokenizer('I love it'))
   * captured['encoder.layer.3.attention.self.query'] // { dtype: 'float32', shape: [1, 5, 768], data: Float32Array }
   * @throws {UnknownPathError} when no module stands at a path; it names the nearest
   */
  capture(paths: readonly string[]): Call<O, { capture: readonly string[] }>
  /** The model with other values inside of it (activation patching): tensors of one's own, or functions in terms of the graph.
   * @example
   * const without = model.patch({ 'encoder.layer.3.intermediate': (value) => value.mul(0) })
   * const { logits } = await without(tokenizer('I love it'))
   * const { captured } = await model.patch({ 'encoder.layer.0': clean }).capture(['encoder.layer.5'])(corrupted)
   * @throws {UnknownPathError} when no module stands at a path; it names the nearest
   */
  patch(patches: Patches): Call<O, { patch: Patches }>
  /** Differentiate the loss by the model's parameters. Like `loss.backward()` and `.grad` in PyTorch.
   * @example
   * const { loss, gradients } = await model.gradients(tokenizer('I love it'), { labels: 1 })
   * gradients['classifier.bias'] // { dtype: 'float32', shape: [2], data: Float32Array [0.31, -0.31] }
   * await model.gradients(inputs, { loss: ({ logits }) => logits.sum([0, 1]), parameters: ['classifier.weight'] })
   * @throws {UnknownPathError} when no parameter has such a name
   * @throws {InputError} when labels are missing @throws {IndexOutOfRangeError} when one is out of range
   * @throws {FrozenModelError} when the model came as an exported graph
   */
  gradients(inputs: ModelInputs, options?: GradientOptions): Promise<Gradients>
  /** Say how `fit` shall train the model. Like `model.compile` in Keras.
   * @example
   * model.compile({ optimizer: { kind: 'adamw', learningRate: 3e-5 }, metrics: ['accuracy'] })
   * @throws {OptionError} when the optimizer or a metric is unknown
   */
  compile(options?: CompileOptions): void
  /** Train a model that was compiled, shuffling the data anew in each epoch. Like `model.fit` in Keras.
   * @example
   * const { history } = await model.fit(dataset, { epochs: 2, batchSize: 8, validationData })
   * history // { loss: [0.31, 0.12], val_loss: [0.15, 0.11], val_accuracy: [0.95, 0.97] }
   * @throws {OptionError} when the model was not compiled
   * @throws {DatasetError} @throws {CollateError} @throws {LabelRangeError} @throws {NonFiniteLossError} @throws {OutOfMemoryError}
   */
  fit<Item extends object>(dataset: Items<Item>, options?: FitOptions<Item>): Promise<History>
  /** What a Trainer needs of the model. */
  trainable(): Promise<TrainableModel>
}

/** A model with options that are set. */
export interface Call<O extends ModelOutput, Set> {
  <F extends ForwardOptions>(inputs: ModelInputs, options?: F): Promise<Requested<O, Set & F>>
  capture(paths: readonly string[]): Call<O, Set & { capture: readonly string[] }>
  patch(patches: Patches): Call<O, Set & { patch: Patches }>
}

type Settings = Pick<ForwardOptions, 'capture' | 'patch'>

/** Settings add up. */
const merged = (a: Settings, b: Settings): Settings => ({
  capture: [...(a.capture ?? []), ...(b.capture ?? [])],
  patch: { ...a.patch, ...b.patch },
})

function callOf<O extends ModelOutput, Set>(
  run: (inputs: ModelInputs, options: ForwardOptions) => Promise<ModelOutput>,
  settings: Settings,
): Call<O, Set> {
  const call = <F extends ForwardOptions>(inputs: ModelInputs, options?: F) =>
    run(inputs, { ...options, ...merged(settings, options ?? {}) }) as Promise<Requested<O, Set & F>>
  return Object.assign(call, {
    capture: (capture: readonly string[]) =>
      callOf<O, Set & { capture: readonly string[] }>(run, merged(settings, { capture })),
    patch: (patch: Patches) => callOf<O, Set & { patch: Patches }>(run, merged(settings, { patch })),
  })
}

export function internalsOf<O extends ModelOutput>(
  model: Programs,
  repository: Repository,
): ModelInternals<O> {
  const run = (inputs: ModelInputs, options: ForwardOptions) => model.run(inputs, options)
  let compiled: CompileOptions | undefined
  const trainable = async () => (await import('./trainable-model')).trainableOf(model, repository)
  return {
    compile(options = {}) {
      expectCompilable(options)
      compiled = options
    },
    async fit(dataset, options) {
      if (!compiled)
        throw new OptionError('The model was not compiled: call model.compile({ optimizer, metrics }) first.')
      return (await import('./trainer/keras')).fit({ trainable }, compiled, dataset, options)
    },
    capture: (capture) => callOf(run, { capture }),
    patch: (patch) => callOf(run, { patch }),
    gradients: async (inputs, options) => (await import('./gradients')).gradientsOf(model, inputs, options),
    trainable,
  }
}
