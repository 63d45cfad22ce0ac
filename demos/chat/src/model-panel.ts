/** @file The model's part of the settings: which it is, how much of it has come, what is wrong with it. */
import type { ChatClient } from 'webformers'
import { element } from '../../shared/dom'
import { LoadingPanel } from '../../shared/loading-panel'
import { ChatModel, type ModelChoice, type ModelSource } from './model'
import { modelForm } from './model-form'

export class ModelPanel {
  readonly #model: ChatModel
  readonly #choice: () => ModelChoice | undefined
  readonly #panel = new LoadingPanel<ChatClient>(() => this.#describe())

  constructor(source: ModelSource) {
    this.#model = new ChatModel(source.endpoint)
    this.#choice = modelForm(source, () => this.#describe())
    element('settings', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault()
      void this.load()
    })
    this.#describe()
  }

  /** Whether the model that is chosen is here. */
  get ready(): boolean {
    const choice = this.#choice()
    return choice !== undefined && this.#model.loaded(choice) !== undefined
  }

  /** What an earlier visit has stored. */
  async restore(): Promise<void> {
    const choice = this.#choice()
    if (typeof choice?.source === 'string')
      await this.#panel.load((loading) => this.#model.restore(choice, loading))
  }

  /** The model that is chosen. @returns nothing when it can't be had, which the page then tells */
  async load(): Promise<ChatClient | undefined> {
    await this.#panel.loading
    const choice = this.#choice()
    if (!choice) {
      this.#panel.open()
      return undefined
    }
    return this.#model.loaded(choice) ?? this.#panel.load((loading) => this.#model.load(choice, loading))
  }

  #describe() {
    if (this.#panel.loading) return
    const choice = this.#choice()
    const client = choice && this.#model.loaded(choice)
    this.#panel.button.disabled = client !== undefined
    this.#panel.runtime.textContent = client
      ? `${client.name.split('/').at(-1)}, on ${client.model.device === 'wasm' ? 'WebAssembly' : 'WebGPU'}`
      : 'No model yet'
    if (client) this.#panel.say('It is here, and needs no network.')
    else this.#panel.say(choice ? 'Downloaded once, then kept in this browser.' : 'Choose a model.')
  }
}
