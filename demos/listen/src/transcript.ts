/** @file What was said, on the page: word by word, with the time of each; what is not final yet stands apart. */
import { element, make } from '../../shared/dom'
import { clock, textOf } from './captions'
import type { Passage, Word } from './passages'

/** Some words begin where they end; they are marked for so many seconds. */
const SHORTEST = 0.1

interface Shown {
  readonly start: number
  readonly words: readonly Word[]
  readonly spans: readonly HTMLElement[]
}

export class Transcript {
  readonly #log = element('transcript', HTMLElement)
  readonly #pending = element('pending', HTMLElement)
  readonly #keys = element('keys', HTMLElement)
  #passages: Shown[] = []
  #current: HTMLElement | undefined

  /** @param play called with the time of what is to be heard, in seconds */
  constructor(play: (seconds: number) => void) {
    this.#log.tabIndex = 0 // arrow keys move in it
    this.#log.addEventListener('click', ({ target }) => {
      const { start } = (target as HTMLElement).dataset
      if (start !== undefined && getSelection()?.type !== 'Range') play(Number(start))
    })
    this.#log.addEventListener('keydown', (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
      if (step === undefined) return
      event.preventDefault()
      const spans = this.#passages.flatMap((passage) => passage.spans)
      const at = this.#current ? spans.indexOf(this.#current) + step : 0
      const next = spans[Math.max(0, Math.min(spans.length - 1, at))]
      if (next) play(Number(next.dataset.start))
    })
  }

  /** All words, in their order. */
  get words(): readonly Word[] {
    return this.#passages.flatMap(({ words }) => words)
  }

  clear(): void {
    this.#passages = []
    this.#current = undefined
    this.#log.replaceChildren()
    this.pending = ''
    this.#keys.hidden = true
  }

  /** What may still change. */
  set pending(text: string) {
    this.#pending.textContent = text.trim()
    this.#pending.hidden = text.trim() === ''
  }

  add({ start, words, final }: Passage): void {
    this.pending = final ? '' : textOf(words)
    if (!final || words.length === 0) return
    const spans = words.map(({ text, start, end }) => {
      const span = make('span', { className: 'word', title: clock(start) }, text.trimStart())
      span.dataset.start = String(start)
      span.dataset.end = String(end)
      return span
    })
    // The space before a word is not the word's: it isn't marked.
    const parts = spans.flatMap((span, i) => [i > 0 && words[i]!.text.startsWith(' ') ? ' ' : '', span])
    const time = make('button', { className: 'link time', type: 'button' }, clock(start))
    time.dataset.start = String(start)
    time.setAttribute('aria-label', `Play from ${clock(start)}`)
    this.#log.append(make('div', { className: 'passage' }, time, make('p', {}, ...parts)))
    this.#passages.push({ start, words, spans })
    this.#keys.hidden = false
  }

  /** Mark the word that is said at a time. */
  mark(time: number): void {
    const seconds = time + 1e-3 // players round down
    const passage = this.#passages.findLast(({ start }) => start <= seconds)
    const isSaid = ({ start, end }: Word) => start <= seconds && seconds < Math.max(end, start + SHORTEST)
    const place = passage?.words.findLastIndex(isSaid) ?? -1
    const span = passage?.spans[place]
    if (span === this.#current) return
    this.#current?.removeAttribute('aria-current')
    this.#current = span
    span?.setAttribute('aria-current', 'true')
    span?.scrollIntoView({ block: 'nearest' })
  }
}
