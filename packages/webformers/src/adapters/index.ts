/** @file Adapters at the front door: what a model does with them; what they are made of is fetched with the first one. */
import {
  type FileOptions,
  type Repository,
  type SaveFilesOptions,
  type SaveTarget,
  type Source,
  saveFiles,
} from '@webformers/hub'
import { openSource } from '../configuration'
import type { Programs } from '../programs'
import type { AdapterSet } from './adapter-set'
import type { AdapterConfig } from './config'
import { AdapterError } from './errors'

export type { AdapterConfig, LoraConfig, PromptTuningConfig, TaskType } from './config'
export { AdapterError, UnsupportedAdapterError } from './errors'

export interface AddAdapterOptions {
  /** What random numbers are drawn from. */
  seed?: number
}
export interface LoadAdapterOptions extends FileOptions {
  /** Whether training changes it. Default: `false`. */
  isTrainable?: boolean
}
export interface SaveAdapterOptions extends SaveFilesOptions {
  /** Default: the active one. */
  adapterName?: string
}

/** Small sets of weights beside a model's own, as Python's PEFT has them: low-rank products and virtual tokens. While there is
 * one, training changes nothing else. Several active ones add up; to switch them loads nothing. */
export interface ModelAdapters {
  /** Add a new adapter, which is active from then on. Like `add_adapter` in Python.
   * @example
   * await model.addAdapter({ peftType: 'LORA', r: 8, loraAlpha: 16, taskType: 'SEQ_CLS' })
   * await model.addAdapter({ peftType: 'PROMPT_TUNING', numVirtualTokens: 20, taskType: 'CAUSAL_LM' }, 'prompt')
   * model.numParameters({ onlyTrainable: true }) // 297986
   * @throws {AdapterError} when the model has no such modules, or an adapter of that name
   * @throws {UnsupportedAdapterError} when it is of a kind, or has an option, that is not computed here; it names it
   */
  addAdapter(config: AdapterConfig, adapterName?: string, options?: AddAdapterOptions): Promise<void>
  /** Load an adapter that PEFT, or `saveAdapter`, has written, from wherever models come from; it is active from then on. Like
   * `load_adapter` in Python.
   * @example
   * await model.loadAdapter('me/formal', 'formal')
   * await model.loadAdapter('indexeddb://casual', 'casual', { isTrainable: true })
   *
   * A Wav2Vec2 of many languages (`adapter_attn_dim`) takes the name of one, whose weights lie beside its own: from then on it hears
   * that one, as `load_adapter` of such models does in Python; its tokenizer is told by `setTargetLang`.
   * @example
   * await processor.tokenizer.setTargetLang('fra')
   * await model.loadAdapter('fra')
   * @throws {FileNotFoundError} when there is no `adapter_config.json`, or no such language
   * @throws {AdapterError} when it was made for another model; it tells what is missing, unknown, or of another shape
   * @throws {UnsupportedAdapterError} when it is of a kind, or has an option, that is not computed here; it names it
   */
  loadAdapter(source: Source | Repository, adapterName?: string, options?: LoadAdapterOptions): Promise<void>
  /** Make one adapter active, or several, whose effects add up. Like `set_adapter` in Python.
   * @example
   * model.setAdapter('casual')
   * model.setAdapter(['formal', 'casual'])
   * @throws {AdapterError} when there is no such adapter
   */
  setAdapter(adapterName: string | readonly string[]): void
  /** Compute without adapters. Like `disable_adapters` in Python. @throws {AdapterError} when there are none */
  disableAdapters(): void
  /** Compute with them again. Like `enable_adapters` in Python. @throws {AdapterError} when there are none */
  enableAdapters(): void
  /** The names of those that are active. Like `active_adapters` in Python. @throws {AdapterError} when there are none
   * @example model.activeAdapters() // ['default']
   */
  activeAdapters(): string[]
  /** Forget adapters; without any, training changes the model again. Like `delete_adapter` in Python.
   * @throws {AdapterError} when there is none of that name, or it is merged
   */
  deleteAdapter(adapterName: string | readonly string[]): Promise<void>
  /** Put adapters into the weights of the model, where they cost nothing: those that are active, by default. What is saved then is
   * the model as a whole. Like `merge_adapter` of PEFT.
   * @throws {AdapterError} when there is none, or it is made of virtual tokens
   */
  mergeAdapter(adapterNames?: string | readonly string[]): Promise<void>
  /** Take all merged adapters out of the weights, which are what they were before, to the bit. Like `unmerge_adapter` of PEFT. */
  unmergeAdapter(): Promise<void>
  /** Save an adapter as PEFT does: `adapter_config.json` and `adapter_model.safetensors`, which Python's peft loads.
   * `savePretrained` does so with the active one.
   * @example await model.saveAdapter('indexeddb://my-adapter') // ['adapter_config.json', 'adapter_model.safetensors']
   * @throws {AdapterError} @throws {SaveError} @throws {StorageFullError} @throws {PermissionError}
   */
  saveAdapter(target: SaveTarget, options?: SaveAdapterOptions): Promise<string[]>
}

/** A language is no repository, which has an owner, or a scheme. */
const isLanguage = ({ config }: Programs, source: Source | Repository): source is string =>
  typeof source === 'string' && typeof config.adapter_attn_dim === 'number' && !/[/:]/.test(source)

export function adaptersOf(model: Programs, own: Repository): ModelAdapters {
  const names = (given: string | readonly string[]) => (typeof given === 'string' ? [given] : given)
  const existing = (): AdapterSet => {
    const set = model.adapters as AdapterSet | undefined
    if (set) return set
    throw new AdapterError('The model has no adapters. Call addAdapter() or loadAdapter() first.')
  }
  /** A set that something was put into; none stays where that failed. */
  const putting = async (put: (set: AdapterSet) => Promise<void>) => {
    const { AdapterSet } = await import('./adapter-set')
    const set = (model.adapters as AdapterSet | undefined) ?? new AdapterSet(model)
    const before = model.adapters
    model.adapters = set
    await put(set).catch((error) => {
      model.adapters = before
      throw error
    })
  }
  return {
    addAdapter: (config, adapterName = 'default', { seed = 0 } = {}) =>
      putting((set) => set.add(adapterName, config, seed)),
    async loadAdapter(source, adapterName = 'default', { isTrainable = false, ...options } = {}) {
      if (isLanguage(model, source)) {
        const { loadLanguage } = await import('./language')
        return loadLanguage(model, own, source, options.signal)
      }
      const repository = await openSource(source, options)
      await putting((set) => set.load(adapterName, repository, isTrainable, options.signal))
    },
    setAdapter: (given) => existing().activate(names(given)),
    disableAdapters: () => existing().enable(false),
    enableAdapters: () => existing().enable(true),
    activeAdapters: () => [...existing().active],
    async deleteAdapter(given) {
      const set = existing()
      await set.remove(names(given))
      if (set.size === 0) model.adapters = undefined
    },
    mergeAdapter: async (given) => existing().merge(given === undefined ? undefined : names(given)),
    unmergeAdapter: async () => existing().unmerge(),
    async saveAdapter(target, { adapterName, ...options } = {}) {
      const files = await existing().files(adapterName)
      if (!files) throw new AdapterError('No adapter is active. Say which to save: { adapterName }.')
      return saveFiles(target, files, options)
    },
  }
}
