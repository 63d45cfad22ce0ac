/** @file Every head as its attention map with a bar for what the answer loses without it; a click masks it. */
import { make } from '../../shared/dom'
import { drawHeat } from '../../shared/heat'
import type { Head, Reading } from './tagger'

/** What becomes of the answer without a head. */
export interface Effect {
  /** Of the tags' mean probability. */
  readonly loss: number
  /** Words whose tag is another one. */
  readonly changes: number
}

const nameOf = ({ layer, head }: Head) => `Layer ${layer + 1}, head ${head + 1}`
const keyOf = ({ layer, head }: Head) => `${layer}.${head}`

/** 0.031 → '3.1'; a gain has a plus. */
const points = (loss: number) => `${loss < -0.0005 ? '+' : ''}${Math.abs(100 * loss).toFixed(1)}`

interface Cell {
  readonly place: Head
  readonly button: HTMLButtonElement
  readonly map: HTMLCanvasElement
  readonly bar: HTMLElement
  readonly number: HTMLElement
}

/** One stop for the Tab key; the arrow keys, Home and End move within. */
export class HeadGrid {
  readonly #cells: Cell[]
  readonly #masked = new Set<string>()
  #effects: (Effect | undefined)[] = []
  #focused = 0

  constructor(
    container: HTMLElement,
    readonly layers: number,
    readonly heads: number,
    readonly on: { change(): void; read(text: string): void },
  ) {
    this.#cells = Array.from({ length: layers * heads }, (_, i) => this.#cell(i))
    const label = (text: string) => make('span', { className: 'label', ariaHidden: 'true' }, text)
    const rows = Array.from({ length: layers }, (_, layer) => [
      label(String(layer + 1)),
      ...this.#cells.slice(layer * heads, (layer + 1) * heads).map(({ button }) => button),
    ])
    const numbers = Array.from({ length: heads }, (_, head) => label(String(head + 1)))
    container.style.setProperty('--heads', String(heads))
    container.append(label(''), ...numbers, ...rows.flat())
    container.addEventListener('keydown', (event) => this.#move(event))
    this.#cells[0]!.button.tabIndex = 0
  }

  get masked(): Head[] {
    return this.#cells.filter(({ place }) => this.#masked.has(keyOf(place))).map(({ place }) => place)
  }

  unmask(): void {
    this.#masked.clear()
    this.#mark()
  }

  show(reading: Reading): void {
    for (const { place, map } of this.#cells) drawHeat(map, reading.attention(place), reading.tokens.length)
  }

  /** @param effects of the heads, layer by layer; those that are not known yet are left out */
  showEffects(effects: readonly Effect[]): void {
    this.#effects = [...effects]
    const largest = Math.max(0.01, ...effects.map(({ loss }) => Math.abs(loss)))
    for (const [i, { bar, number }] of this.#cells.entries()) {
      const { loss = 0, changes = 0 } = effects[i] ?? {}
      bar.style.setProperty('--size', String(Math.abs(loss) / largest))
      bar.classList.toggle('gain', loss < 0)
      number.textContent = effects[i] ? `${points(loss)}${changes > 0 ? ` · ${changes}` : ''}` : ''
    }
    this.#mark()
  }

  #cell(i: number): Cell {
    const place = { layer: Math.floor(i / this.heads), head: i % this.heads }
    const map = make('canvas')
    const bar = make('i', { className: 'bar' })
    const number = make('span', { className: 'number' })
    const button = make('button', { type: 'button', className: 'head', tabIndex: -1 }, map, bar, number)
    button.addEventListener('click', () => {
      const key = keyOf(place)
      if (!this.#masked.delete(key)) this.#masked.add(key)
      this.#focus(i)
      this.#mark()
      this.on.change()
    })
    for (const event of ['focus', 'pointerenter'])
      button.addEventListener(event, () => this.on.read(this.#inWords(i)))
    return { place, button, map, bar, number }
  }

  #mark() {
    for (const [i, { place, button }] of this.#cells.entries()) {
      button.setAttribute('aria-pressed', String(this.#masked.has(keyOf(place))))
      button.setAttribute('aria-label', this.#inWords(i))
    }
  }

  #inWords(i: number): string {
    const { place } = this.#cells[i]!
    const effect = this.#effects[i]
    if (!effect) return nameOf(place)
    const { loss, changes } = effect
    const what = loss < 0 ? 'gains' : 'loses'
    const words = changes === 1 ? '1 word has' : `${changes || 'no'} words have`
    return `${nameOf(place)}: without it the answer ${what} ${Math.abs(100 * loss).toFixed(1)} points, ${words} another tag`
  }

  #focus(i: number) {
    this.#cells[this.#focused]!.button.tabIndex = -1
    this.#focused = i
    this.#cells[i]!.button.tabIndex = 0
  }

  #move(event: KeyboardEvent) {
    const row = Math.floor(this.#focused / this.heads) * this.heads
    const moves: Record<string, number> = {
      ArrowLeft: Math.max(row, this.#focused - 1),
      ArrowRight: Math.min(row + this.heads - 1, this.#focused + 1),
      ArrowUp: this.#focused - this.heads,
      ArrowDown: this.#focused + this.heads,
      Home: 0,
      End: this.#cells.length - 1,
    }
    const target = moves[event.key]
    if (target === undefined) return
    event.preventDefault()
    if (!this.#cells[target]) return
    this.#focus(target)
    this.#cells[target].button.focus()
  }
}
