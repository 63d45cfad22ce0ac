/** @file The adapters of one model: which there are, which are active, and what becomes of a call with them. */
import type { Program } from '@webformers/graph'
import { openCheckpoint, type Repository, type SavedTensor } from '@webformers/hub'
import {
  type Adapters,
  adaptableModules,
  type LinearModule,
  promptScale,
  withAdapters,
} from '@webformers/models'
import type { PlainTensors } from '@webformers/runtime'
import type { Programs } from '../programs'
import type { Request } from '../requests'
import { storedTensors } from '../surgery/model-parameters'
import type { Adapted, AdaptedTraining, AddedParameter } from './adapted'
import type { Adapter } from './adapter'
import { type AdapterConfig, completeConfig } from './config'
import { AdapterError } from './errors'
import { adapterFiles, numbersOf, openAdapter, readWeights, savedTensor } from './files'
import { newLora, newPrompt, readText } from './initial'
import { type Merge, mergeOf } from './merge'
import { type Adaptable, type AdapterPlan, planAdapter } from './plan'
import { type Applied, stacked } from './stacked'
import { expectPromptHead, withTask } from './tasks'
import { withoutPlaces, withPlaces } from './virtual-tokens'

export class AdapterSet implements Adapted {
  readonly #model: Programs
  readonly #adapters = new Map<string, Adapter>()
  #active: readonly string[] = []
  #enabled = true
  readonly #merged = new Map<string, Merge>()
  /** What calls get now; made when a call first needs it. */
  #applied: Applied | undefined

  constructor(model: Programs) {
    this.#model = model
  }

  get size(): number {
    return this.#adapters.size
  }
  get active(): readonly string[] {
    return this.#active
  }

  /** @throws {AdapterError} @throws {UnsupportedAdapterError} */
  async add(name: string, config: AdapterConfig, seed: number, read = readText): Promise<void> {
    const model = this.#adaptable()
    const plan = this.#plan(name, withTask(completeConfig(config)), model)
    const table = async () => (await storedTensors(this.#model, [model.table!]))[0]!
    const weights = plan.prompt ? await newPrompt(plan, seed, table, read) : newLora(plan, seed)
    await this.#take({ plan, weights, trainable: true })
  }

  /** @throws {AdapterError} @throws {UnsupportedAdapterError} @throws {FileNotFoundError} */
  async load(name: string, repository: Repository, trainable: boolean, signal?: AbortSignal): Promise<void> {
    const { config, entries } = await openAdapter(repository, signal)
    const plan = this.#plan(name, completeConfig(config), this.#adaptable())
    await this.#take({ plan, weights: await readWeights(plan, entries, repository.name), trainable })
  }

  #adaptable(): Adaptable {
    const { configured, head } = this.#model
    const { architecture, config } = configured
    return { ...adaptableModules(architecture, head, config), config }
  }

  #plan(name: string, config: AdapterPlan['config'], model: Adaptable): AdapterPlan {
    if (this.#adapters.has(name))
      throw new AdapterError(
        `There is an adapter "${name}" already. Give another name, or deleteAdapter() it first.`,
      )
    if (!/^[^.\s]+$/.test(name))
      throw new AdapterError(
        `"${name}" can't be the name of an adapter: it has to be without dots and spaces.`,
      )
    const plan = planAdapter(name, config, model)
    if (plan.prompt) expectPromptHead(this.#model.head)
    return plan
  }

  /** A program that has no place for its layers would stay beside the one that has. */
  async #take(adapter: Adapter): Promise<void> {
    const before = this.#layers()
    const { name, layers } = adapter.plan
    this.#adapters.set(name, adapter)
    this.#switch([name])
    if (layers.some(({ path }) => !before.has(path))) await this.#model.change([])
  }

  #switch(active: readonly string[]) {
    this.#active = active
    this.#applied = undefined
  }

  /** @throws {AdapterError} when there is none of a name, or they can't be active together */
  activate(names: readonly string[]): void {
    const chosen = names.map((name) => this.#find(name))
    if (chosen.filter(({ plan }) => plan.prompt).length > 1)
      throw new AdapterError('Only one adapter of virtual tokens can be active at a time.')
    const whole = chosen.flatMap(({ plan }) => [
      ...new Set(plan.parameters.flatMap((each) => (each.whole ? [each.name] : []))),
    ])
    const twice = whole.find((name, i) => whole.indexOf(name) < i)
    if (twice !== undefined)
      throw new AdapterError(
        `${names.join(' and ')} both bring their own ${twice}: only one of them can be active.`,
      )
    for (const adapter of chosen) adapter.trainable = true
    this.#switch(names)
  }

  enable(enabled: boolean): void {
    this.#enabled = enabled
    this.#applied = undefined
  }

  async remove(names: readonly string[]): Promise<void> {
    for (const name of names) {
      this.#find(name)
      if (this.#merged.has(name))
        throw new AdapterError(`Adapter "${name}" is merged. Call unmergeAdapter() before you delete it.`)
    }
    const before = this.#layers().size
    for (const name of names) this.#adapters.delete(name)
    this.#switch(this.#active.filter((name) => !names.includes(name)))
    if (this.#layers().size < before) await this.#model.change([])
  }

  async merge(names: readonly string[] = this.#active): Promise<void> {
    const left = names.map((name) => this.#find(name)).filter(({ plan }) => !this.#merged.has(plan.name))
    const merges: [string, Merge][] = []
    for (const adapter of left) {
      const merge = await mergeOf(this.#model, [adapter])
      await this.#model.change(merge.after)
      merges.push([adapter.plan.name, merge])
      this.#merged.set(adapter.plan.name, merge)
    }
    this.#applied = undefined
  }

  /** The last one that was merged goes first: each restores what it found. */
  async unmerge(): Promise<void> {
    for (const [name, { before }] of [...this.#merged].toReversed()) {
      await this.#model.change(before)
      this.#merged.delete(name)
    }
    this.#applied = undefined
  }

  #find(name: string): Adapter {
    const found = this.#adapters.get(name)
    if (found) return found
    const known = [...this.#adapters.keys()].join(', ') || 'none'
    throw new AdapterError(`There is no adapter "${name}". Loaded: ${known}.`)
  }

  /** The adapters that calls get. */
  get #inEffect(): readonly Adapter[] {
    if (!this.#enabled) return []
    return this.#active.filter((name) => !this.#merged.has(name)).map((name) => this.#find(name))
  }
  get #prompt() {
    return this.#inEffect.find(({ plan }) => plan.prompt)?.plan.prompt
  }

  /** All layers that may be adapted. */
  #layers(): Map<string, LinearModule> {
    const left = [...this.#adapters.values()].filter(({ plan }) => !this.#merged.has(plan.name))
    return new Map(left.flatMap(({ plan }) => plan.layers.map((layer) => [layer.path, layer] as const)))
  }

  get trained(): readonly string[] {
    const chosen = this.#inEffect.filter(({ trainable }) => trainable)
    return chosen.flatMap(({ plan }) => plan.parameters.map(({ name }) => name))
  }

  has(name: string): boolean {
    return this.added.some((each) => each.name === name)
  }

  get added(): readonly AddedParameter[] {
    return [...this.#adapters.values()].flatMap(({ plan }) => plan.parameters.filter(({ whole }) => !whole))
  }

  request<R extends Pick<Request, 'hooks' | 'key' | 'inputs'>>(request: R): R {
    this.#applied ??= stacked(this.#inEffect, this.#layers(), promptScale(this.#model.config))
    const { hooks, key, inputs } = this.#applied
    return {
      ...request,
      hooks: { ...request.hooks, ...hooks },
      key: `${request.key} ${key}`,
      inputs: { ...request.inputs, ...inputs },
    }
  }

  feed(inputs: PlainTensors, program: Program): PlainTensors {
    const prompt = this.#prompt
    return prompt ? withPlaces(inputs, program, prompt.tokens, this.#model.config) : inputs
  }

  answer(outputs: PlainTensors, program: Program): PlainTensors {
    const prompt = this.#prompt
    return prompt ? withoutPlaces(outputs, program, prompt.tokens) : outputs
  }

  training(): AdaptedTraining {
    const inEffect = this.#inEffect
    const prompt = inEffect.find(({ plan }) => plan.prompt)?.plan
    const adapters: Adapters = {
      lowRank: inEffect.map(({ plan: { name, layers, dropout } }) => ({
        name,
        targets: Object.fromEntries(layers.map(({ path, rank, scaling }) => [path, { rank, scaling }])),
        dropout,
      })),
      prompt: prompt && { name: prompt.name, ...prompt.prompt!, scale: promptScale(this.#model.config) },
    }
    const weights = inEffect.flatMap((each) => [...each.weights])
    return {
      adapt: withAdapters(adapters),
      changed: weights.map(([name, tensor]) => savedTensor(name, tensor)),
      inputs: Object.fromEntries(weights.filter(([name]) => this.has(name))),
    }
  }

  async adopt(weights: readonly SavedTensor[]): Promise<SavedTensor[]> {
    const owners = new Map(
      this.#inEffect.flatMap((adapter) =>
        adapter.plan.parameters.map(({ name }) => [name, adapter] as const),
      ),
    )
    const rest: SavedTensor[] = []
    for (const tensor of weights) {
      const owner = owners.get(tensor.name)
      if (owner) owner.weights.set(tensor.name, await numbersOf(tensor))
      else rest.push(tensor)
    }
    this.#applied = undefined
    return rest
  }

  /** @throws {AdapterError} when several are active */
  async files(name = this.#single()): Promise<Record<string, Blob> | undefined> {
    if (name === undefined) return undefined
    const { plan, weights } = this.#find(name)
    const absent = plan.parameters.flatMap((each) => (weights.has(each.name) ? [] : [each.name]))
    const stored = absent.length > 0 ? await storedTensors(this.#model, absent) : []
    const own = await Promise.all(stored.map(async (each) => [each.name, await numbersOf(each)] as const))
    return adapterFiles(plan, new Map([...weights, ...own]))
  }

  #single(): string | undefined {
    const names = this.#active.filter((name) => !this.#merged.has(name))
    if (names.length > 1)
      throw new AdapterError(
        `The adapters ${names.join(', ')} are active, of which only one at a time can be saved. Choose one with setAdapter().`,
      )
    return names[0]
  }

  async weightsIn(files: Readonly<Record<string, Blob>>): Promise<SavedTensor[]> {
    const name = this.#single()
    if (name === undefined) throw new AdapterError('No adapter is active that such weights could be for.')
    const { plan } = this.#find(name)
    const { entries } = await openCheckpoint({
      'adapter_model.safetensors': files['adapter_model.safetensors']!,
    })
    const weights = await readWeights(plan, entries, 'the files')
    return [...weights].map(([own, tensor]) => savedTensor(own, tensor))
  }
}
