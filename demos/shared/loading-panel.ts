/** @file The settings' part that gets a model: a button, how much of it has come, a way to stop, what is wrong with it. */
import type { Progress } from 'webformers'
import { element } from './dom'
import { inWords } from './failure'

/** What a model is loaded with. */
export interface Loading {
  readonly signal: AbortSignal
  readonly onProgress: (progress: Progress) => void
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`

export class LoadingPanel<T> {
  readonly runtime = element('runtime', HTMLElement)
  readonly button = element('load', HTMLButtonElement)
  readonly #panel = element('settings-panel', HTMLDetailsElement)
  readonly #cancel = element('cancel', HTMLButtonElement)
  readonly #progress = element('progress', HTMLProgressElement)
  readonly #status = element('model-status', HTMLElement)
  readonly #describe: () => void
  #loading: Promise<T | undefined> | undefined

  /** @param describe says what is here, whenever nothing is on its way */
  constructor(describe: () => void) {
    this.#describe = describe
  }

  /** What is on its way. */
  get loading(): Promise<T | undefined> | undefined {
    return this.#loading
  }

  open() {
    this.#panel.open = true
  }

  /** @returns nothing when it can't be had, which the page then tells */
  load(work: (loading: Loading) => Promise<T | undefined>): Promise<T | undefined> {
    const loading = this.#watch(work)
    this.#loading = loading
    return loading
  }

  async #watch(work: (loading: Loading) => Promise<T | undefined>): Promise<T | undefined> {
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
        this.open()
        this.say(inWords(problem), true)
      }
    }
  }

  #busy(busy: boolean) {
    this.button.hidden = busy
    this.#cancel.hidden = this.#progress.hidden = !busy
    this.#progress.removeAttribute('value')
    if (!busy) return
    this.runtime.textContent = 'Loading'
    this.say('Looking for it')
  }

  #show({ totals: { loaded, total } }: Progress) {
    if (!this.#loading) return // the last of it is told late
    if (total) this.#progress.value = loaded / total
    this.say(`Getting it: ${megabytes(loaded)}${total === undefined ? '' : ` of ${megabytes(total)}`}`)
  }

  say(words: string, alarm = false) {
    this.#status.textContent = words
    this.#status.classList.toggle('alarm', alarm)
  }
}
