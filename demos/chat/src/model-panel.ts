/** @file The model's part of the settings: which it is, how much of it has come, what is wrong with it. */
import type { ChatClient, Progress } from 'webformers'
import { element } from '../../shared/dom'
import { inWords } from '../../shared/failure'
import { ChatModel, type Loading, type ModelChoice, type ModelSource } from './model'
import { modelForm } from './model-form'

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`

export class ModelPanel {
  readonly #model: ChatModel
  readonly #choice: () => ModelChoice | undefined
  readonly #panel = element('settings-panel', HTMLDetailsElement)
  readonly #runtime = element('runtime', HTMLElement)
  readonly #button = element('load', HTMLButtonElement)
  readonly #cancel = element('cancel', HTMLButtonElement)
  readonly #progress = element('progress', HTMLProgressElement)
  readonly #status = element('model-status', HTMLElement)
  #loading: Promise<ChatClient | undefined> | undefined

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
      await this.#load((loading) => this.#model.restore(choice, loading))
  }

  /** The model that is chosen. @returns nothing when it can't be had, which the page then tells */
  async load(): Promise<ChatClient | undefined> {
    await this.#loading
    const choice = this.#choice()
    if (!choice) {
      this.#panel.open = true
      return undefined
    }
    return this.#model.loaded(choice) ?? this.#load((loading) => this.#model.load(choice, loading))
  }

  #load(work: (loading: Loading) => Promise<ChatClient | undefined>): Promise<ChatClient | undefined> {
    const loading = this.#watch(work)
    this.#loading = loading
    return loading
  }

  async #watch(work: (loading: Loading) => Promise<ChatClient | undefined>): Promise<ChatClient | undefined> {
    const controller = new AbortController()
    const { signal } = controller
    this.#cancel.onclick = () => controller.abort()
    this.#busy(true)
    let problem: unknown
    try {
      return await work({ signal, onProgress: (progress) => this.#show(progress) })
    } catch (error) {
      problem = error
      return undefined
    } finally {
      this.#loading = undefined
      this.#busy(false)
      this.#describe()
      if (problem !== undefined && !signal.aborted) {
        this.#panel.open = true
        this.#say(inWords(problem), true)
      }
    }
  }

  #busy(busy: boolean) {
    this.#button.hidden = busy
    this.#cancel.hidden = this.#progress.hidden = !busy
    this.#progress.removeAttribute('value')
    if (!busy) return
    this.#runtime.textContent = 'Loading'
    this.#say('Looking for it')
  }

  #show({ totals: { loaded, total } }: Progress) {
    if (!this.#loading) return // the last of it is told late
    if (total) this.#progress.value = loaded / total
    this.#say(`Getting it: ${megabytes(loaded)}${total === undefined ? '' : ` of ${megabytes(total)}`}`)
  }

  #describe() {
    if (this.#loading) return
    const choice = this.#choice()
    const client = choice && this.#model.loaded(choice)
    this.#button.disabled = client !== undefined
    this.#runtime.textContent = client
      ? `${client.name.split('/').at(-1)}, on ${client.model.device === 'wasm' ? 'WebAssembly' : 'WebGPU'}`
      : 'No model yet'
    if (client) this.#say('It is here, and needs no network.')
    else this.#say(choice ? 'Downloaded once, then kept in this browser.' : 'Choose a model.')
  }

  #say(words: string, alarm = false) {
    this.#status.textContent = words
    this.#status.classList.toggle('alarm', alarm)
  }
}
