/** @file The model's part of the settings: which it is, how much of it has come, what is wrong with it. */
import type { Progress } from 'webformers'
import { element } from '../../shared/dom'
import { inWords } from '../../shared/failure'
import { settingsForm } from './model-form'
import { type Loading, type Manner, type ModelSource, type Recognizer, Recognizers } from './recognizer'

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`

export class ModelPanel {
  readonly #models: Recognizers
  readonly #settings: ReturnType<typeof settingsForm>
  readonly #panel = element('settings-panel', HTMLDetailsElement)
  readonly #runtime = element('runtime', HTMLElement)
  readonly #button = element('load', HTMLButtonElement)
  readonly #cancel = element('cancel', HTMLButtonElement)
  readonly #progress = element('progress', HTMLProgressElement)
  readonly #status = element('model-status', HTMLElement)
  #loading: Promise<Recognizer | undefined> | undefined
  #inUse = false

  constructor(source: ModelSource) {
    this.#models = new Recognizers(source.endpoint)
    this.#settings = settingsForm(source, (naming) => {
      // Who leaves the name for the button must find the button.
      if (naming || this.#inUse) this.#describe()
      else void this.restore()
    })
    element('settings', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault()
      void this.load()
    })
    addEventListener('online', () => this.#describe())
    addEventListener('offline', () => this.#describe())
    this.#describe()
  }

  get manner(): Manner {
    return this.#settings.manner()
  }

  /** Whether somebody asks the model, which then stays until they are done. */
  set inUse(inUse: boolean) {
    this.#inUse = inUse
    this.#enable()
  }

  /** What an earlier visit has stored. */
  async restore(): Promise<void> {
    await this.#loading
    const choice = this.#settings.choice()
    if (choice && !this.#models.loaded(choice))
      await this.#load((loading) => this.#models.restore(choice, loading))
    else this.#describe()
  }

  /** The model that is chosen. @returns nothing when it can't be had, which the page then tells */
  async load(): Promise<Recognizer | undefined> {
    await this.#loading
    const choice = this.#settings.choice()
    if (!choice) {
      this.#panel.open = true
      return undefined
    }
    return this.#models.loaded(choice) ?? this.#load((loading) => this.#models.load(choice, loading))
  }

  #load(work: (loading: Loading) => Promise<Recognizer | undefined>): Promise<Recognizer | undefined> {
    const loading = this.#watch(work)
    this.#loading = loading
    return loading
  }

  async #watch(work: (loading: Loading) => Promise<Recognizer | undefined>): Promise<Recognizer | undefined> {
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

  #enable() {
    const choice = this.#settings.choice()
    this.#button.disabled = this.#inUse || (choice !== undefined && this.#models.loaded(choice) !== undefined)
  }

  #describe() {
    if (this.#loading) return
    const choice = this.#settings.choice()
    const recognizer = choice && this.#models.loaded(choice)
    this.#enable()
    this.#settings.showManner(recognizer?.multilingual ?? true)
    this.#runtime.textContent = recognizer
      ? `${recognizer.choice.repository.split('/').at(-1)}, on ${deviceName(recognizer)}`
      : 'No model yet'
    if (recognizer) this.#say('It is here, and needs no network.')
    else if (!choice) this.#say('Choose a model.')
    else if (navigator.onLine) this.#say('Downloaded once, then kept in this browser.')
    else
      this.#say(
        'There is no network, and this model is not in this browser yet: it takes one visit with a network.',
        true,
      )
  }

  #say(words: string, alarm = false) {
    this.#status.textContent = words
    this.#status.classList.toggle('alarm', alarm)
  }
}

export const deviceName = ({ device }: Recognizer) => (device === 'wasm' ? 'WebAssembly' : 'WebGPU')
