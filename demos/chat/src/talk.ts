/** @file The conversation on the page: what is asked, and how it is answered. */
import { type ChatClient, SequenceTooLongError } from 'webformers'
import { element } from '../../shared/dom'
import { inWords } from '../../shared/failure'
import { type AnswerSettings, write } from './answer'
import type { Conversation, Message } from './conversation'
import { Log } from './log'
import type { ModelPanel } from './model-panel'

/** How often an answer is kept while it is written, for whoever reloads in the midst. */
const KEEPING = 500

const TOO_LONG = 'This conversation is longer than what the model can read. Begin a new one.'

const log = new Log()
const message = element('message', HTMLTextAreaElement)
const sendButton = element('send', HTMLButtonElement)
const stopButton = element('stop', HTMLButtonElement)
const clearButton = element('clear', HTMLButtonElement)
const status = element('status', HTMLElement)

function say(words: string, alarm = false) {
  status.textContent = words
  status.classList.toggle('alarm', alarm)
}

export function talk(conversation: Conversation, models: ModelPanel, settings: () => AnswerSettings): void {
  const { messages } = conversation
  let answering: AbortController | undefined

  function arrange() {
    element('empty', HTMLElement).hidden = messages.length > 0
    clearButton.hidden = messages.length === 0 || answering !== undefined
    sendButton.hidden = answering !== undefined
    stopButton.hidden = answering === undefined
  }

  function showAll() {
    log.show(messages)
    arrange()
  }

  async function send(text: string): Promise<void> {
    if (text.trim() === '' || answering) return
    answering = new AbortController()
    const { signal } = answering
    const asked = conversation.add({ role: 'user', content: text.trim() })
    message.value = ''
    log.add(asked)
    arrange()
    say(models.ready ? 'Reading' : 'Getting the model')
    void conversation.keep()
    const client = await until(signal, models.load())
    if (client && !signal.aborted) await answer(client, signal)
    else {
      takeBack(asked)
      say(signal.aborted ? '' : 'There is no model to answer: see its settings.', !signal.aborted)
    }
    answering = undefined
    showAll()
    await conversation.keep()
  }

  async function answer(client: ChatClient, signal: AbortSignal): Promise<void> {
    const asked = [...messages]
    const { json, temperature } = settings()
    const written = conversation.add({ role: 'assistant', content: '', ...(json && { json }) })
    const shown = log.add(written)
    const show = framewise(() => shown.update())
    log.busy = true
    say('Reading')
    const keeping = setInterval(() => conversation.keep(), KEEPING)
    try {
      await write(client, { messages: asked, temperature, json, signal }, written, (speed) => {
        say(speed)
        show()
      })
      say('Done.')
    } catch (error) {
      if (signal.aborted) say('Stopped.')
      else say(error instanceof SequenceTooLongError ? TOO_LONG : inWords(error), true)
    }
    clearInterval(keeping)
    log.busy = false
    if (written.content !== '') return
    messages.pop()
    takeBack(asked.at(-1)!)
  }

  /** A question that has no answer goes back to where it was written. */
  function takeBack(asked: Message) {
    messages.splice(messages.indexOf(asked), 1)
    message.value ||= asked.content
  }

  element('composer', HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault()
    void send(message.value)
  })
  message.addEventListener('keydown', (event) => {
    // While a syllable is composed, Enter is the input method's.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
    event.preventDefault()
    void send(message.value)
  })
  document.addEventListener('keydown', ({ key }) => {
    if (key === 'Escape') answering?.abort()
  })
  stopButton.onclick = () => {
    answering?.abort()
    message.focus()
  }
  clearButton.onclick = async () => {
    await conversation.clear()
    showAll()
    say('')
    message.focus()
  }
  for (const idea of document.querySelectorAll<HTMLButtonElement>('#ideas button'))
    idea.onclick = () => {
      message.focus()
      void send(idea.textContent!)
    }
  showAll()
}

/** What comes, unless somebody gives it up before. */
const until = <T>(signal: AbortSignal, work: Promise<T>): Promise<T | undefined> =>
  Promise.race([
    work,
    new Promise<undefined>((resolve) => {
      signal.addEventListener('abort', () => resolve(undefined), { once: true })
    }),
  ])

/** At most once for each picture that the screen shows. */
function framewise(work: () => void): () => void {
  let waiting = false
  return () => {
    if (waiting) return
    waiting = true
    requestAnimationFrame(() => {
      waiting = false
      work()
    })
  }
}
