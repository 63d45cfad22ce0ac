/** @file A pretrained model: loaded once, called like a function, disposed of when done. */
import type { Target } from '@webformers/graph'
import { checkpointFiles, type FileOptions, MissingTensorError, type Repository } from '@webformers/hub'
import { type Head, type Json, outputNames, type PretrainedConfig, traceModel } from '@webformers/models'
import {
  type Capabilities,
  type Client,
  chooseDevice,
  connect,
  type Device,
  describeAdapter,
  findAdapter,
  type LoadedProgram,
} from '@webformers/runtime'
import { type Configured, readConfiguration } from './configuration'
import { OptionError } from './errors'
import { completeInputs, type ModelInputs } from './inputs'
import { type ForwardOptions, gatherLists, type ModelOutput, type Requested } from './outputs'

export type { Device }
/** What weights are kept in. */
export type Precision = 'fp32' | 'fp16' | 'int8'

export interface LoadOptions extends FileOptions {
  /** Default: `'auto'`, WebGPU where the browser has a real GPU and the model is large enough to gain from it. */
  device?: 'auto' | Device
  /** `'int8'` quantizes while loading and runs on WASM. Default: `'auto'`, half precision where the checkpoint and the device
   * have it, else full. */
  dtype?: 'auto' | Precision
  /** The outputs that calls give, `hidden_states` and `attentions` aside; what none of them needs is not computed.
   * Default: all the head has. */
  outputs?: readonly string[]
  /** Takes the place of keys of `config.json`. */
  config?: Json
  /** How many threads WASM may use where the page is cross-origin isolated. */
  threads?: number
}

/** A model: call it with what its tokenizer gave. Like `PreTrainedModel` in Python. */
export interface PreTrainedModel<O extends ModelOutput = ModelOutput> extends AsyncDisposable {
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
  readonly dtype: Precision
  /** End the model's worker, and with it all the memory it holds. */
  dispose(): Promise<void>
}

/** Load a head of the model in a repository that `open` opens.
 * onnxruntime starts in the worker while the weights come in, and tracing needs neither: it runs in between. */
export async function loadModel<O extends ModelOutput>(
  open: (signal: AbortSignal) => Promise<Repository>,
  head: Head,
  options: LoadOptions = {},
): Promise<PreTrainedModel<O>> {
  options.signal?.throwIfAborted()
  const failed = new AbortController()
  const signal = AbortSignal.any([failed.signal, ...(options.signal ? [options.signal] : [])])
  const opening = open(signal)
  const starting = deviceFor(options, opening).then((device) => connect({ device, threads: options.threads }))
  try {
    const [configured, files, [client, capabilities]] = await Promise.all([
      opening.then((repository) => readConfiguration(repository, options.config)),
      opening.then((repository) => checkpointFiles(repository, { signal })),
      starting.then(async (client) => [client, await client.open({ signal })] as const),
    ])
    const model = new Programs(client, capabilities, configured, head, files, options)
    await model.begin(signal)
    return callable<O>(model)
  } catch (error) {
    failed.abort(error) // the downloads that still run are of no more use
    await starting.then((client) => client.dispose()).catch(() => {}) // where it could not start, nothing needs an end
    throw error
  }
}

/** The device that the options mean. Only a real GPU makes the size of the weights matter, and only then is it asked for. */
async function deviceFor(
  { device = 'auto', dtype }: LoadOptions,
  opening: Promise<Repository>,
): Promise<Device> {
  if (device === 'webgpu' && dtype === 'int8') {
    throw new OptionError(`dtype 'int8' runs on WASM only. Use device: 'wasm', or another dtype.`)
  }
  if (device !== 'auto') return device
  if (dtype === 'int8') return 'wasm'
  const found = await findAdapter()
  const adapter = found && describeAdapter(found)
  if (!adapter || adapter.software) return 'wasm'
  const repository = await opening
  const weights = 'model.safetensors'
  // A checkpoint in several files is a large one.
  const bytes = (await repository.has(weights)) ? await repository.size(weights) : Number.POSITIVE_INFINITY
  return chooseDevice({ parameterBytes: bytes ?? 0, adapter })
}

/** The programs of one model, one for each set of outputs that was asked for. */
class Programs {
  readonly dtype: Precision
  #outputs: readonly string[]
  readonly #loading = new Map<string, Promise<LoadedProgram>>()

  constructor(
    readonly client: Client,
    readonly capabilities: Capabilities,
    readonly configured: Configured,
    readonly head: Head,
    readonly files: Record<string, Blob>,
    { dtype, outputs }: LoadOptions,
  ) {
    const { architecture, config } = configured
    this.dtype = precisionFor(dtype, config, capabilities)
    this.#outputs = outputs ?? outputNames(architecture, head, config)
  }

  /** Load what calls give by default; a checkpoint that never had a pooler, as those of masked language models, gives none. */
  async begin(signal: AbortSignal): Promise<void> {
    try {
      await this.prepare({}, signal)
    } catch (error) {
      if (!(error instanceof MissingTensorError) || !this.#outputs.includes('pooler_output')) throw error
      this.#outputs = this.#outputs.filter((name) => name !== 'pooler_output')
      await this.prepare({}, signal).catch((second) => {
        throw second instanceof MissingTensorError ? error : second
      })
      console.warn('webformers: the checkpoint has no pooler, so pooler_output is left out.')
    }
  }

  async run(inputs: ModelInputs, options: ForwardOptions): Promise<ModelOutput> {
    const { signal } = options
    const loaded = await this.prepare(options, signal)
    return gatherLists(await loaded.run(completeInputs(inputs, loaded.program), { signal }))
  }

  /** The program that gives what a call asks for, traced and loaded when it is the first to ask. */
  prepare(options: ForwardOptions, signal?: AbortSignal): Promise<LoadedProgram> {
    const { architecture, config } = this.configured
    const { outputHiddenStates = config.output_hidden_states, outputAttentions = config.output_attentions } =
      options
    const lists = [outputHiddenStates && 'hidden_states', outputAttentions && 'attentions']
    const outputs = [...this.#outputs, ...lists.filter((name) => typeof name === 'string')]
    const key = outputs.join()
    const known = this.#loading.get(key)
    if (known) return abortable(known, signal)
    const { device, fused } = this.capabilities
    const target: Target = { device, fused, ...numbers(this.dtype, device) }
    const program = traceModel(architecture, this.head, config, outputs, target)
    const loading = this.client.load(program, this.files)
    this.#loading.set(key, loading)
    loading.catch(() => this.#loading.delete(key))
    return abortable(loading, signal)
  }
}

/** Others may wait for the same promise: who aborts only stops waiting. */
function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise
  signal.throwIfAborted()
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort)
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

function precisionFor(
  dtype: LoadOptions['dtype'] = 'auto',
  config: Json,
  { device, float16 }: Capabilities,
): Precision {
  const able = device === 'wasm' || float16
  if (dtype === 'fp16' && !able) {
    console.warn("webformers: this GPU does not compute in half precision, so dtype 'fp16' becomes 'fp32'.")
    return 'fp32'
  }
  if (dtype !== 'auto') return dtype
  return able && (config.dtype === 'float16' || config.torch_dtype === 'float16') ? 'fp16' : 'fp32'
}

/** What a device keeps weights in and computes with: WASM holds half precision but is no faster in it. */
function numbers(dtype: Precision, device: Device): Pick<Target, 'weights' | 'compute'> {
  if (dtype === 'int8') return { weights: 'int8', compute: 'float32' }
  if (dtype === 'fp32') return { weights: 'float32', compute: 'float32' }
  return { weights: 'float16', compute: device === 'webgpu' ? 'float16' : 'float32' }
}

function callable<O extends ModelOutput>(programs: Programs): PreTrainedModel<O> {
  const { client, capabilities, configured, dtype } = programs
  const dispose = () => client.dispose()
  const call = async <F extends ForwardOptions>(inputs: ModelInputs, options?: F) =>
    (await programs.run(inputs, options ?? {})) as Requested<O, F>
  return Object.assign(call, {
    config: configured.config,
    device: capabilities.device,
    dtype,
    dispose,
    [Symbol.asyncDispose]: dispose,
  })
}
