/** @file The model that answers: where it comes from, how it is loaded, and on what it runs. */
import { ChatClient, type Device, OfflineError, type Source } from 'webformers'
import type { Loading } from '../../shared/loading-panel'

/** What model.json says. A server near the page may answer with its own: see e2e/serve-demos.mjs. */
export interface ModelSource {
  readonly repository: string
  /** The file in it, where it is one of llama.cpp's. */
  readonly ggufFile?: string
  /** The Hub, or the address of a mirror. */
  readonly endpoint: string
  /** Why it is not the Hub. */
  readonly notice?: string
}

export const readSource = async (): Promise<ModelSource> => (await fetch('./model.json')).json()

export interface ModelChoice {
  readonly name: string
  readonly source: Source
  readonly ggufFile?: string
  readonly device: 'auto' | Device
}

/** Whether two choices are one model on one device. */
const same = (a: ModelChoice, b: ModelChoice) =>
  a.source === b.source && a.ggufFile === b.ggufFile && a.device === b.device

export class ChatModel {
  #choice: ModelChoice | undefined
  #client: ChatClient | undefined

  constructor(readonly endpoint: string) {}

  /** The model, if it is the one that was loaded. */
  loaded(choice: ModelChoice): ChatClient | undefined {
    return this.#choice && same(this.#choice, choice) ? this.#client : undefined
  }

  /** Load a model in the place of the one before. */
  async load(choice: ModelChoice, { signal, onProgress }: Loading): Promise<ChatClient> {
    return this.#load(choice, { signal, onProgress })
  }

  /** Load a model that an earlier visit has stored, without the network. @returns nothing when it has not */
  async restore(choice: ModelChoice, { signal, onProgress }: Loading): Promise<ChatClient | undefined> {
    try {
      return await this.#load(choice, { signal, onProgress, localFilesOnly: true })
    } catch (error) {
      if (error instanceof OfflineError) return undefined
      throw error
    }
  }

  async #load(choice: ModelChoice, options: Loading & { localFilesOnly?: boolean }): Promise<ChatClient> {
    const { name, source, ggufFile, device } = choice
    await this.#client?.dispose()
    this.#client = this.#choice = undefined
    const { endpoint } = this
    const client = await ChatClient.fromPretrained(source, { name, ggufFile, device, endpoint, ...options })
    this.#client = client
    this.#choice = choice
    return client
  }
}
