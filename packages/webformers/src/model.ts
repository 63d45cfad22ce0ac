/** @file A pretrained model: loaded once, called like a function, disposed of when done. */
import { checkpointFiles, nextTask, type Repository } from '@webformers/hub'
import type { Head, Json, PretrainedConfig } from '@webformers/models'
import { type Capabilities, type Client, connect, type Device, type LoadingInfo } from '@webformers/runtime'
import { adaptersOf, type ModelAdapters } from './adapters'
import { readConfiguration } from './configuration'
import { featuresOf, type ModelFeatures } from './features'
import { generationOf, type ModelGeneration } from './generation'
import type { ModelInputs } from './inputs'
import { internalsOf, type ModelInternals } from './internals'
import type { ExportedPrecision, LoadOptions, NewOptions, Precision } from './load-options'
import type { FrozenModel } from './onnx/frozen-model'
import { isExported } from './onnx/is-exported'
import type { ForwardOptions, ModelOutput, Requested } from './outputs'
import { askedOf } from './parts'
import { deviceFor } from './placement'
import { blocksIn } from './precision'
import { Programs, programsOf } from './programs'
import { type ModelSaving, savingOf } from './saving'
import { type ModelSurgery, surgeryOf } from './surgery'

export type { Device }

/** A model, and what its checkpoint lacked or had too much of. */
export interface Loading<O extends ModelOutput> {
  readonly model: PreTrainedModel<O>
  readonly info: LoadingInfo
}

/** A model: call it with what its tokenizer gave. Like `PreTrainedModel` in Python. */
export interface PreTrainedModel<O extends ModelOutput = ModelOutput>
  extends AsyncDisposable,
    ModelSaving,
    ModelInternals<O>,
    ModelSurgery,
    ModelAdapters,
    ModelFeatures,
    ModelGeneration {
  /** Compute the model's outputs.
   * @param inputs tensors or nested lists by name; a flat list is a batch of one
   * @example
   * const { logits } = await model(tokenizer('I love it')) // { dtype: 'float32', shape: [1, 2], data: Float32Array }
   * const { attentions } = await model(tokenizer('I love it'), { outputAttentions: true })
   * attentions.length // 12, a tensor [batch, heads, sequence, sequence] for each layer
   * @throws {InputError} when an input is missing, unknown, or of the wrong type or shape
   * @throws {IndexOutOfRangeError} when an id is larger than the vocabulary
   * @throws {SequenceTooLongError} when the text has more tokens than the model was made for
   * @throws {WorkerDiedError} @throws {DeviceLostError} the next call loads the model again
   * @throws {DisposedError} after `dispose()`
   */
  <F extends ForwardOptions>(inputs: ModelInputs, options?: F): Promise<Requested<O, F>>
  readonly config: PretrainedConfig & Json
  readonly device: Device
  readonly dtype: Precision | ExportedPrecision
  /** End the model's worker, and with it all the memory it holds. */
  dispose(): Promise<void>
}

/** Load a head of the model in a repository that `open` opens.
 * onnxruntime starts in the worker while the weights come in, and tracing needs neither: it runs in between. */
export async function loadModel<O extends ModelOutput>(
  open: (signal: AbortSignal) => Promise<Repository>,
  head: Head,
  options: LoadOptions & NewOptions = {},
): Promise<Loading<O>> {
  options.signal?.throwIfAborted()
  const failed = new AbortController()
  const signal = AbortSignal.any([failed.signal, ...(options.signal ? [options.signal] : [])])
  const opening = open(signal)
  const placing = deviceFor(options, opening)
  const starting = placing.then((device) => connect({ device, threads: options.threads }))
  const ready = starting.then(async (client) => [client, await client.open({ signal })] as const)
  ready.catch(() => {}) // awaited below, perhaps after something else has failed
  try {
    const repository = await opening
    const [model, info] = (await isExported(repository, options))
      ? [await loadFrozen(repository, head, options, placing, ready, signal), NOTHING_LACKS]
      : await loadPrograms(repository, head, options, ready, signal)
    return { model: callable<O>(model, repository), info }
  } catch (error) {
    failed.abort(error) // the downloads that still run are of no more use
    await starting.then((client) => client.dispose()).catch(() => {}) // where it could not start, nothing needs an end
    throw error
  }
}

const loadFrozen = async (...from: Parameters<typeof FrozenModel.load>): Promise<FrozenModel> =>
  (await import('./onnx/frozen-model')).FrozenModel.load(...from)

/** A frozen graph holds all its weights itself. */
const NOTHING_LACKS: LoadingInfo = { missing_keys: [], unexpected_keys: [], mismatched_keys: [] }

/** The architecture, traced, over the original weights. */
async function loadPrograms(
  repository: Repository,
  head: Head,
  options: LoadOptions & NewOptions,
  ready: Promise<readonly [Client, Capabilities]>,
  signal: AbortSignal,
): Promise<[Programs, LoadingInfo]> {
  const coming = checkpointFiles(repository, { ...options, onProgress: undefined, signal })
  const [whole, files, [client, capabilities]] = await Promise.all([
    readConfiguration(repository, options, coming),
    coming,
    ready,
  ])
  const { configured, head: meant } = await askedOf(whole, head)
  const stored = await blocksIn(files, options, capabilities.device)
  await nextTask()
  const programs = new Programs(client, capabilities, configured, meant, files, options, stored)
  await nextTask() // each of the two calls the model, which can't be done by halves
  return [programs, await programs.begin(repository.name, signal)]
}

function callable<O extends ModelOutput>(
  model: Programs | FrozenModel,
  repository: Repository,
): PreTrainedModel<O> {
  const { client, capabilities, dtype } = model
  const dispose = () => client.dispose()
  const call = async <F extends ForwardOptions>(inputs: ModelInputs, options?: F) =>
    (await model.run(inputs, options ?? {})) as Requested<O, F>
  const whole = Object.assign(call, {
    device: capabilities.device,
    dtype,
    ...(model instanceof Programs
      ? {
          ...savingOf(model, repository),
          ...internalsOf<O>(model, repository),
          ...surgeryOf(model),
          ...adaptersOf(model, repository),
          ...featuresOf(model),
          ...generationOf(model, repository),
        }
      : model.refusals<O>(repository)),
    dispose,
    [Symbol.asyncDispose]: dispose,
  })
  if (model instanceof Programs) programsOf.set(whole, model)
  // Surgery changes the configuration.
  return Object.defineProperty(whole, 'config', {
    get: () => model.config,
    enumerable: true,
  }) as typeof whole & {
    readonly config: PretrainedConfig & Json
  }
}
