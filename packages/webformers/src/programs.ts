/** @file The programs of one model, one for each set of outputs that was asked for. */
import type { BlockType, Target } from '@webformers/graph'
import { finishCalmly, MissingTensorError, type SavedTensor } from '@webformers/hub'
import { blocksOf, type Head, listNames, outputNames, traceDecoding, traceModel } from '@webformers/models'
import type {
  Capabilities,
  Client,
  LoadedDecoder,
  LoadedProgram,
  LoadingInfo,
  WeightPolicy,
} from '@webformers/runtime'
import type { Adapted } from './adapters/adapted'
import type { Configured } from './configured'
import { completeInputs, type ModelInputs, type Value } from './inputs'
import type { LoadOptions, NewOptions, Precision } from './load-options'
import { areObjects, matchedLabels, queryOutputs } from './objects'
import type { ForwardOptions, ModelOutput } from './outputs'
import { choiceOf, numbersOf, precisionFor } from './precision'
import { answerOf, type OwnSize, type Request, requestOf, sizeOf, stillRead } from './requests'
import { warnOfNewWeights, weightPolicy } from './weight-policy'

/** The programs of a model that a page holds. */
export const programsOf = new WeakMap<object, Programs>()

export class Programs {
  readonly dtype: Precision
  #policy: WeightPolicy
  #configured: Configured
  #outputs: readonly string[]
  readonly #options: LoadOptions & NewOptions
  readonly #stored: ReadonlyMap<string, BlockType>
  readonly #loading = new Map<string, Promise<LoadedProgram>>()
  readonly #decoders = new Map<string, Promise<LoadedDecoder>>()
  readonly #running = new Set<Promise<unknown>>()
  /** What calls compute with programs that they were given. */
  readonly #using = new Set<Promise<unknown>>()

  constructor(
    readonly client: Client,
    readonly capabilities: Capabilities,
    configured: Configured,
    readonly head: Head,
    readonly files: Record<string, Blob>,
    options: LoadOptions & NewOptions,
    stored: ReadonlyMap<string, BlockType> = new Map(),
  ) {
    const { architecture, config } = configured
    this.dtype = precisionFor(options.dtype, config, capabilities, stored)
    this.#stored = stored
    this.#configured = configured
    this.#options = options
    this.#policy = weightPolicy(configured, head, options)
    this.#outputs = options.outputs ?? outputNames(architecture, head, config)
  }

  get configured(): Configured {
    return this.#configured
  }
  get policy(): WeightPolicy {
    return this.#policy
  }

  /**
   * Go on with other weights, and with another configuration where their shapes are others. What was loaded is given up: the
   * next call loads the model as it is now.
   * @param tensors under their own names; the others stay as they are
   * @returns when calls under way are over and the memory is given back
   */
  async change(tensors: readonly SavedTensor[], configured = this.#configured): Promise<void> {
    const changed = new Map(this.#policy.changed?.map((tensor) => [tensor.name, tensor]))
    for (const tensor of tensors) changed.set(tensor.name, tensor)
    this.#configured = configured
    const policy = weightPolicy(configured, this.head, this.#options)
    const kept = policy.parameters.flatMap(({ sources: [name] }) => changed.get(name!) ?? [])
    this.#policy = { ...policy, changed: kept }
    const names = new Set(policy.parameters.map(({ sources: [name] }) => name))
    this.#trained = this.#trained?.filter((name) => names.has(name))
    await this.#giveUp(this.#running, this.#loading, this.#decoders)
  }

  /** Give back the memory of programs, when some calls are over. */
  async #giveUp(calls: ReadonlySet<Promise<unknown>>, ...kinds: readonly Map<string, Promise<Disposable>>[]) {
    const loading = kinds.flatMap((kind) => [...kind.values()])
    for (const kind of kinds) kind.clear()
    const loaded = await Promise.allSettled(loading)
    await new Promise((resolve) => setTimeout(resolve)) // who waited for one goes on with it now
    await Promise.allSettled(calls)
    for (const program of loaded) if (program.status === 'fulfilled') program.value[Symbol.dispose]()
  }

  readonly #sizes = new Map<string, string>()

  /** Images may have many sizes other than the model's own: only programs for the last are kept. */
  #giveUpOtherSizes(key: string, size: string) {
    const others = [...this.#sizes.keys()].filter((other) => this.#sizes.get(other) !== size)
    const loaded = others.map((other) => [other, this.#loading.get(other)] as const)
    for (const other of others) {
      this.#sizes.delete(other)
      this.#loading.delete(other)
    }
    this.#sizes.set(key, size)
    // Not awaited: the call that asks is one of those under way.
    void this.#giveUp(
      this.#running,
      new Map(loaded.filter((entry): entry is [string, Promise<LoadedProgram>] => !!entry[1])),
    )
  }

  /** What is added to the model. */
  adapters: Adapted | undefined
  #trained: readonly string[] | undefined

  /** The parameters that training changes, by their own names; all of them where nobody chose and nothing is added. */
  get trained(): readonly string[] | undefined {
    if (!this.adapters) return this.#trained
    return [...new Set([...this.adapters.trained, ...(this.#trained ?? [])])]
  }
  set trained(names: readonly string[] | undefined) {
    this.#trained = names
  }

  /** Whether training changes a parameter. */
  trains(name: string): boolean {
    return this.trained?.includes(name) ?? true
  }

  /** How programs of this model are lowered. */
  get target(): Target {
    const { device, fused } = this.capabilities
    const choice = choiceOf(this.#options.dtype, this.#stored)
    const { architecture, config } = this.#configured
    const inBlocks = choice.rounded || this.#stored.size > 0
    const blocks = inBlocks ? blocksOf(architecture, this.head, config, choice) : undefined
    return { device, fused, ...numbersOf(this.dtype, device), ...(blocks && { blocks }) }
  }

  /** What calls give by default. */
  get outputs(): readonly string[] {
    return this.#outputs
  }

  /** Load what is asked for first: what calls give by default, or what generates. A checkpoint that never had a pooler, as those of
   * masked language models, gives none. */
  async begin(name: string, signal: AbortSignal): Promise<LoadingInfo> {
    const loaded = this.#options.writes
      ? await this.decoder(['logits'], requestOf({}, {}), signal)
      : await this.#first(signal).catch((error) => this.#withoutPooler(error, signal))
    if (!this.#options.fromScratch) warnOfNewWeights(this.#policy, loaded.info, name)
    return loaded.info
  }

  /** A model that sees an image before it is asked about it has the one program for that, and further ones without these weights. */
  #first(signal: AbortSignal): Promise<LoadedProgram> {
    const { seen, optional } = this.#configured.architecture
    if (!seen) return this.prepare({}, undefined, signal)
    return this.only([seen.output], requestOf({ [seen.from]: [] }, {}, optional), signal)
  }

  async #withoutPooler(error: unknown, signal: AbortSignal): Promise<LoadedProgram> {
    if (!(error instanceof MissingTensorError) || !this.#outputs.includes('pooler_output')) throw error
    this.#outputs = this.#outputs.filter((output) => output !== 'pooler_output')
    const loaded = await this.prepare({}, undefined, signal).catch((second) => {
      throw second instanceof MissingTensorError ? error : second
    })
    console.warn('webformers: the checkpoint has no pooler, so pooler_output is left out.')
    return loaded
  }

  get config() {
    return this.#configured.config
  }

  run(inputs: ModelInputs, options: ForwardOptions): Promise<ModelOutput> {
    return this.during(this.#compute(inputs, options))
  }

  /** Let changes of the model wait for a call that is under way. */
  during<T>(running: Promise<T>): Promise<T> {
    return keptIn(this.#running, running)
  }

  /** Let a program stay as long as a call computes with it. */
  using<T>(computing: Promise<T>): Promise<T> {
    return keptIn(this.#using, computing)
  }

  /** The programs that give `outputs` token by token, traced and loaded when they are first asked for.
   * @param host the model whose worker holds them */
  async decoder(
    outputs: readonly string[],
    { hooks, key: asked }: Pick<Request, 'hooks' | 'key'>,
    signal?: AbortSignal,
    host: Programs = this,
  ): Promise<LoadedDecoder> {
    const { architecture, config } = this.#configured
    if (!hosts.has(host)) hosts.set(host, ++hosted)
    const key = `${outputs} ${asked} ${hosts.get(host)}`
    const known = this.#decoders.get(key)
    if (known) return abortable(known, signal)
    const { device, fused } = host.target
    const target = { ...this.target, device, fused }
    const tracing = traceDecoding(architecture, this.head, config, outputs, target, hooks)
    // What is loaded for other calls would hold the weights a second time.
    const size = Object.values(this.files).reduce((sum, file) => sum + file.size, 0)
    const large = size > LARGE && host === this
    // Calls that wait for a program themselves are not waited for.
    const room = large ? this.#giveUp(this.#using, this.#loading, this.#decoders) : undefined
    const policy = this.#policy
    const loading = finishCalmly(tracing).then(async (program) => {
      await room
      return host.client.decode(program, this.files, { policy })
    })
    this.#decoders.set(key, loading)
    loading.catch(() => this.#decoders.delete(key))
    return abortable(loading, signal)
  }

  async #compute(given: ModelInputs, asked: ForwardOptions): Promise<ModelOutput> {
    const [inputs, options] = await this.matched(await this.#seen(given, asked), asked)
    const request = this.#requestOf(inputs, options)
    const loaded = await this.prepare(options, request, asked.signal)
    return answerOf(await this.#run(loaded, request, asked.signal), request.hooks)
  }

  #requestOf(inputs: ModelInputs, options: ForwardOptions): Request {
    const { architecture } = this.#configured
    const size = sizeOf(inputs, this.#configured)
    const plain = requestOf(inputs, options, architecture.optional, size)
    return this.adapters?.request(plain) ?? plain
  }

  async #run(loaded: LoadedProgram, { inputs, hooks }: Request, signal: AbortSignal | undefined) {
    const { adapters } = this
    const { program } = loaded
    const tensors = completeInputs(inputs, program, this.#configured)
    const complete = hooks.patch ? stillRead(tensors, program, this) : tensors
    const given = await this.using(loaded.run(adapters?.feed(complete, program) ?? complete, { signal }))
    const outputs = adapters?.answer(given, program) ?? given
    const { architecture, config } = this.#configured
    return architecture.settle?.(outputs, config, complete) ?? outputs
  }

  /** The inputs with what the model makes of an image in its place, unless something inside of that is asked for. */
  async #seen(inputs: ModelInputs, options: ForwardOptions): Promise<ModelInputs> {
    const { architecture, config } = this.#configured
    const { seen, optional } = architecture
    const { outputHiddenStates = config.output_hidden_states, outputAttentions = config.output_attentions } =
      options
    if (!seen || !(seen.from in inputs) || this.adapters || outputHiddenStates || outputAttentions)
      return inputs
    const { options: _, ...hooks } = requestOf(inputs, options).hooks
    if (Object.keys(hooks).length > 0) return inputs
    const { [seen.from]: image, ...rest } = inputs as Record<string, Value>
    const request = requestOf({ [seen.from]: image! }, {}, optional)
    const { signal } = options
    const loaded = await this.only([seen.output], request, signal)
    const pixels = completeInputs(request.inputs, loaded.program, this.#configured)
    const found = await this.using(loaded.run(pixels, { signal }))
    return { ...rest, [seen.output]: found[seen.output]! }
  }

  /** Objects on images as labels, matched with the queries that come nearest to them, which the model is asked for first. */
  async matched(
    inputs: ModelInputs,
    options: ForwardOptions,
  ): Promise<[inputs: ModelInputs, options: ForwardOptions]> {
    const { labels: own, ...rest } = inputs as Record<string, unknown>
    const { labels = own, ...others } = options
    if (!areObjects(labels)) return [inputs, options]
    const plain = rest as ModelInputs
    const { capture: _, ...change } = others
    const request = this.#requestOf(plain, change)
    const loaded = await this.only(queryOutputs(this.config), request, options.signal)
    const queries = await this.#run(loaded, request, options.signal)
    return [{ ...plain, ...matchedLabels(this.config, queries, labels) }, others]
  }

  /** The program that gives what a call asks for, traced and loaded when it is the first to ask. */
  prepare(
    options: ForwardOptions,
    { hooks, key: asked }: Pick<Request, 'hooks' | 'key'> = requestOf({}, {}),
    signal?: AbortSignal,
  ): Promise<LoadedProgram> {
    const { architecture, config } = this.#configured
    const { outputHiddenStates = config.output_hidden_states, outputAttentions = config.output_attentions } =
      options
    const lists = (kind: 'hidden_states' | 'attentions') => listNames(architecture, this.head, config, kind)
    const outputs = [
      ...(hooks.loss ? ['loss'] : []),
      ...this.#outputs,
      ...(outputHiddenStates ? lists('hidden_states') : []),
      ...(outputAttentions ? lists('attentions') : []),
    ]
    return this.only(outputs, { hooks, key: asked }, signal)
  }

  /** The program that gives these outputs and no others. */
  only(
    outputs: readonly string[],
    { hooks, key: asked }: Pick<Request, 'hooks' | 'key'>,
    signal?: AbortSignal,
  ): Promise<LoadedProgram> {
    const { architecture, config } = this.#configured
    const key = `${outputs} ${asked}`
    const known = this.#loading.get(key)
    if (known) return abortable(known, signal)
    const tracing = traceModel(architecture, this.head, config, outputs, this.target, hooks)
    const { image_size } = (hooks.options ?? {}) as OwnSize
    if (image_size) this.#giveUpOtherSizes(key, String(image_size))
    const policy = this.#policy
    const loading = finishCalmly(tracing).then((program) => this.client.load(program, this.files, { policy }))
    this.#loading.set(key, loading)
    loading.catch(() => this.#loading.delete(key))
    return abortable(loading, signal)
  }
}

/** A promise is in a set as long as it is open. */
function keptIn<T>(open: Set<Promise<unknown>>, promise: Promise<T>): Promise<T> {
  open.add(promise)
  const over = () => open.delete(promise)
  promise.then(over, over)
  return promise
}

/** Models that hold programs, told apart. */
const hosts = new WeakMap<Programs, number>()
let hosted = 0

/** Weights of so many bytes are not held twice for the sake of speed. */
const LARGE = 2 ** 28

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
