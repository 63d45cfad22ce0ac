/** @file The programs of one model, one for each set of outputs that was asked for. */
import { MissingTensorError } from '@webformers/hub'
import { type Head, listNames, outputNames, traceModel } from '@webformers/models'
import type { Capabilities, Client, LoadedProgram, LoadingInfo, WeightPolicy } from '@webformers/runtime'
import type { Configured } from './configured'
import { completeInputs, type ModelInputs } from './inputs'
import type { InfoOptions, LoadOptions, Precision } from './load-options'
import { type ForwardOptions, gatherLists, type ModelOutput } from './outputs'
import { numbersOf, precisionFor } from './placement'
import { warnOfNewWeights, weightPolicy } from './weight-policy'

export class Programs {
  readonly dtype: Precision
  readonly policy: WeightPolicy
  #outputs: readonly string[]
  readonly #loading = new Map<string, Promise<LoadedProgram>>()

  constructor(
    readonly client: Client,
    readonly capabilities: Capabilities,
    readonly configured: Configured,
    readonly head: Head,
    readonly files: Record<string, Blob>,
    options: LoadOptions & InfoOptions,
  ) {
    const { architecture, config } = configured
    this.dtype = precisionFor(options.dtype, config, capabilities)
    this.policy = weightPolicy(configured, head, options)
    this.#outputs = options.outputs ?? outputNames(architecture, head, config)
  }

  /** What calls give by default. */
  get outputs(): readonly string[] {
    return this.#outputs
  }

  /** Load what calls give by default; a checkpoint that never had a pooler, as those of masked language models, gives none. */
  async begin(name: string, signal: AbortSignal): Promise<LoadingInfo> {
    const loaded = await this.prepare({}, signal).catch((error) => this.#withoutPooler(error, signal))
    warnOfNewWeights(this.policy, loaded.info, name)
    return loaded.info
  }

  async #withoutPooler(error: unknown, signal: AbortSignal): Promise<LoadedProgram> {
    if (!(error instanceof MissingTensorError) || !this.#outputs.includes('pooler_output')) throw error
    this.#outputs = this.#outputs.filter((output) => output !== 'pooler_output')
    const loaded = await this.prepare({}, signal).catch((second) => {
      throw second instanceof MissingTensorError ? error : second
    })
    console.warn('webformers: the checkpoint has no pooler, so pooler_output is left out.')
    return loaded
  }

  get config() {
    return this.configured.config
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
    const lists = (kind: 'hidden_states' | 'attentions') => listNames(architecture, this.head, config, kind)
    const outputs = [
      ...this.#outputs,
      ...(outputHiddenStates ? lists('hidden_states') : []),
      ...(outputAttentions ? lists('attentions') : []),
    ]
    const key = outputs.join()
    const known = this.#loading.get(key)
    if (known) return abortable(known, signal)
    const { device, fused } = this.capabilities
    const target = { device, fused, ...numbersOf(this.dtype, device) }
    const program = traceModel(architecture, this.head, config, outputs, target)
    const loading = this.client.load(program, this.files, { policy: this.policy })
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
