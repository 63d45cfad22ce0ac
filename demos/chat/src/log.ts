/** @file The messages on the page. */
import { element, make } from '../../shared/dom'
import type { Message } from './conversation'
import { rendered } from './markdown'

/** How a message is shown; answers change while they are written. */
export interface Entry {
  update(): void
}

/** Pixels from the end within which somebody is held to be reading there. */
const NEAR = 96

const atEnd = () => innerHeight + scrollY >= document.documentElement.scrollHeight - NEAR

export class Log {
  readonly #list = element('log', HTMLOListElement)

  /** @param busy whether more will come: it is read out when it is whole */
  set busy(busy: boolean) {
    this.#list.setAttribute('aria-busy', String(busy))
  }

  add(message: Message): Entry {
    const body = make('div', { className: 'body' })
    const note = make('p', { className: 'quiet note' })
    const who = make('p', { className: 'who' }, message.role === 'user' ? 'You' : 'Model')
    const item = make('li', { className: message.role }, who, body, note)
    const update = () => {
      const follow = atEnd()
      body.replaceChildren(contentOf(message))
      note.textContent = message.note ?? ''
      note.hidden = !message.note
      if (follow) scrollTo({ top: document.documentElement.scrollHeight })
    }
    update()
    this.#list.append(item)
    item.scrollIntoView({ block: 'nearest' })
    return { update }
  }

  /** These and no others. */
  show(messages: readonly Message[]): void {
    this.#list.replaceChildren()
    for (const message of messages) this.add(message)
  }
}

function contentOf({ role, content, json }: Message): Node {
  if (role === 'user') return document.createTextNode(content)
  if (json) return make('pre', { tabIndex: 0 }, make('code', {}, indented(content)))
  return rendered(content)
}

/** JSON by its levels; what is not whole yet stays as it is. */
function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
