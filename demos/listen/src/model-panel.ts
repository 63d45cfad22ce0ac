/** @file The model's part of the settings: which it is, how much of it has come, what is wrong with it. */
import { element } from '../../shared/dom'
import { LoadingPanel } from '../../shared/loading-panel'
import { settingsForm } from './model-form'
import { type Manner, type ModelSource, type Recognizer, Recognizers } from './recognizer'

export class ModelPanel {
  readonly #models: Recognizers
  readonly #settings: ReturnType<typeof settingsForm>
  readonly #panel = new LoadingPanel<Recognizer>(() => this.#describe())
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
    await this.#panel.loading
    const choice = this.#settings.choice()
    if (choice && !this.#models.loaded(choice))
      await this.#panel.load((loading) => this.#models.restore(choice, loading))
    else this.#describe()
  }

  /** The model that is chosen. @returns nothing when it can't be had, which the page then tells */
  async load(): Promise<Recognizer | undefined> {
    await this.#panel.loading
    const choice = this.#settings.choice()
    if (!choice) {
      this.#panel.open()
      return undefined
    }
    return this.#models.loaded(choice) ?? this.#panel.load((loading) => this.#models.load(choice, loading))
  }

  #enable() {
    const choice = this.#settings.choice()
    this.#panel.button.disabled =
      this.#inUse || (choice !== undefined && this.#models.loaded(choice) !== undefined)
  }

  #describe() {
    if (this.#panel.loading) return
    const choice = this.#settings.choice()
    const recognizer = choice && this.#models.loaded(choice)
    this.#enable()
    this.#settings.showManner(recognizer?.multilingual ?? true)
    this.#panel.runtime.textContent = recognizer
      ? `${recognizer.choice.repository.split('/').at(-1)}, on ${deviceName(recognizer)}`
      : 'No model yet'
    if (recognizer) this.#panel.say('It is here, and needs no network.')
    else if (!choice) this.#panel.say('Choose a model.')
    else if (navigator.onLine) this.#panel.say('Downloaded once, then kept in this browser.')
    else
      this.#panel.say(
        'There is no network, and this model is not in this browser yet: it takes one visit with a network.',
        true,
      )
  }
}

export const deviceName = ({ device }: Recognizer) => (device === 'wasm' ? 'WebAssembly' : 'WebGPU')
