/** @file What was said, kept in IndexedDB, so that it is here again after a reload. */
import { createStore, get, set } from 'idb-keyval'

export interface Message {
  readonly role: 'user' | 'assistant'
  content: string
  /** Whether it was to be JSON. */
  readonly json?: boolean
  /** Of an answer that is whole: how it went. */
  note?: string
}

const store = createStore('chat', 'conversation')
const KEY = 'messages'

export class Conversation {
  #saving: Promise<void> = Promise.resolve()

  private constructor(readonly messages: Message[]) {}

  /** What an earlier visit left. */
  static async open(): Promise<Conversation> {
    const messages = (await get<Message[]>(KEY, store).catch(() => undefined)) ?? []
    for (const message of messages) if (message.role === 'assistant') message.note ??= 'Interrupted'
    return new Conversation(messages)
  }

  add(message: Message): Message {
    this.messages.push(message)
    return message
  }

  clear(): Promise<void> {
    this.messages.length = 0
    return this.keep()
  }

  /** One write at a time, so that none is overtaken by the one before it. A full disk keeps nobody from talking. */
  keep(): Promise<void> {
    this.#saving = this.#saving.then(() => set(KEY, this.messages, store)).catch(() => undefined)
    return this.#saving
  }
}
