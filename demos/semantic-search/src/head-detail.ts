/** @file One head, large: its lines from token to token, its picture with names, its habits in numbers. */

import { element, make } from '../../shared/dom'
import { drawHeat } from '../../shared/heat'
import { type AttentionMaps, type Head, habits } from './attention-maps'
import { drawLines } from './drawing'
import { announce, percent } from './elements'

export class HeadDetail {
  readonly #title = element('head-title', HTMLElement)
  readonly #habits = element('habits', HTMLElement)
  readonly #lines = element('lines', HTMLCanvasElement)
  readonly #from = element('from', HTMLOListElement)
  readonly #to = element('to', HTMLOListElement)
  readonly #matrix = element('matrix', HTMLCanvasElement)
  readonly #cursor = element('cursor', HTMLElement)
  readonly #readout = element('readout', HTMLElement)
  readonly #tops = element('matrix-to', HTMLElement)
  readonly #sides = element('matrix-from', HTMLElement)
  #maps: AttentionMaps | undefined
  #head: Head = { layer: 0, head: 0 }
  /** The token whose gaze is held by a click, and the one under the pointer or the focus. */
  #pinned: number | undefined
  #pointed: number | undefined

  constructor() {
    this.#matrix.addEventListener('pointermove', (event) => this.#pointAt(event))
    this.#matrix.addEventListener('pointerleave', () => this.#point(undefined))
    new ResizeObserver(() => this.#draw()).observe(this.#lines)
  }

  /** Another sentence. */
  open(maps: AttentionMaps): void {
    this.#maps = maps
    this.#pinned = this.#pointed = undefined
    const { tokens } = maps
    this.#from.replaceChildren(...tokens.map((token, i) => make('li', {}, this.#button(token, i))))
    this.#to.replaceChildren(
      ...tokens.map((token) =>
        make('li', {}, make('span', { className: 'token' }, token), make('span', { className: 'share' })),
      ),
    )
    for (const list of [this.#tops, this.#sides]) {
      list.style.setProperty('--tokens', String(tokens.length))
      list.replaceChildren(...tokens.map((token) => make('span', {}, token)))
    }
  }

  /** Another head of it. */
  select(head: Head): void {
    this.#head = head
    if (!this.#maps) return
    const { tokens } = this.#maps
    this.#title.textContent = `Layer ${head.layer + 1}, head ${head.head + 1}`
    this.#habits.replaceChildren(
      ...habits(this.#maps.of(head), tokens.length).flatMap(({ name, share }) => {
        const value = make('dd', {}, percent(share))
        value.style.setProperty('--share', String(share))
        return [make('dt', {}, name), value]
      }),
    )
    drawHeat(this.#matrix, this.#maps.of(head), tokens.length)
    this.#draw()
  }

  #button(token: string, i: number) {
    const button = make('button', { type: 'button', className: 'token' }, token)
    button.setAttribute('aria-pressed', 'false')
    button.setAttribute('aria-describedby', 'readout')
    button.addEventListener('pointerenter', () => this.#point(i))
    button.addEventListener('pointerleave', () => this.#point(undefined))
    button.addEventListener('focus', () => this.#point(i))
    button.addEventListener('blur', () => this.#point(undefined))
    button.addEventListener('click', () => {
      this.#pinned = this.#pinned === i ? undefined : i
      this.#draw()
      announce(this.#readout.textContent ?? '')
    })
    return button
  }

  #point(from: number | undefined) {
    this.#pointed = from
    this.#draw()
  }

  #pointAt({ offsetX, offsetY }: PointerEvent) {
    if (!this.#maps) return
    const { tokens } = this.#maps
    const place = (offset: number, length: number) =>
      Math.min(tokens.length - 1, Math.max(0, Math.floor((offset / length) * tokens.length)))
    const to = place(offsetX, this.#matrix.clientWidth)
    this.#point(place(offsetY, this.#matrix.clientHeight))
    const weight = this.#maps.of(this.#head)[this.#pointed! * tokens.length + to]!
    this.#readout.textContent = `“${tokens[this.#pointed!]}” looks at “${tokens[to]}”: ${(100 * weight).toFixed(1)} %`
  }

  #draw() {
    if (!this.#maps) return
    const { tokens } = this.#maps
    const weights = this.#maps.of(this.#head)
    const from = this.#pointed ?? this.#pinned
    drawLines(this.#lines, weights, tokens.length, from)
    for (const [i, { firstElementChild: button }] of [...this.#from.children].entries()) {
      button?.setAttribute('aria-pressed', String(i === this.#pinned))
      button?.classList.toggle('chosen', i === from)
    }
    const received =
      from === undefined ? undefined : weights.subarray(from * tokens.length, (from + 1) * tokens.length)
    for (const [i, item] of ([...this.#to.children] as HTMLElement[]).entries()) {
      const weight = received?.[i]
      item.style.setProperty('--weight', String(weight ?? 0))
      item.lastElementChild!.textContent = weight !== undefined && weight >= 0.005 ? percent(weight) : ''
    }
    this.#cursor.hidden = from === undefined
    this.#cursor.style.setProperty('--row', String(from ?? 0))
    this.#cursor.style.setProperty('--tokens', String(tokens.length))
    this.#readout.textContent = received
      ? sentenceOf(tokens, from!, received)
      : 'Point at a token to see where it looks; click to hold it.'
  }
}

/** What the picture says of one token, in words. */
function sentenceOf(tokens: readonly string[], from: number, received: Float32Array): string {
  const order = [...received.keys()].sort((a, b) => received[b]! - received[a]!).slice(0, 3)
  return `“${tokens[from]}” looks at ${order.map((i) => `“${tokens[i]}” ${percent(received[i]!)}`).join(', ')}`
}
