/** @file Every head of every layer as a small picture: a row a layer, a column a head. */

import { make } from '../../shared/dom'
import { drawHeat } from '../../shared/heat'
import type { AttentionMaps, Head } from './attention-maps'

const nameOf = ({ layer, head }: Head) => `Layer ${layer + 1}, head ${head + 1}`

/** One stop for the Tab key; the arrow keys, Home and End move within. */
export class HeadGrid {
  #buttons: HTMLButtonElement[][] = []
  #selected: Head = { layer: 0, head: 0 }

  constructor(
    readonly container: HTMLElement,
    readonly onSelect: (head: Head) => void,
  ) {
    container.addEventListener('keydown', (event) => this.#move(event))
  }

  show(maps: AttentionMaps): void {
    if (this.#buttons.length !== maps.layers || this.#buttons[0]?.length !== maps.heads) this.#build(maps)
    for (const [layer, row] of this.#buttons.entries())
      for (const [head, button] of row.entries())
        drawHeat(button.firstElementChild as HTMLCanvasElement, maps.of({ layer, head }), maps.tokens.length)
    this.select(this.#selected)
  }

  select({ layer, head }: Head): void {
    const { layer: before, head: of } = this.#selected
    mark(this.#buttons[before]?.[of], false)
    this.#selected = { layer, head }
    mark(this.#buttons[layer]?.[head], true)
    this.onSelect(this.#selected)
  }

  #build({ layers, heads }: AttentionMaps) {
    this.container.style.setProperty('--heads', String(heads))
    this.#selected = {
      layer: Math.min(this.#selected.layer, layers - 1),
      head: Math.min(this.#selected.head, heads - 1),
    }
    this.#buttons = Array.from({ length: layers }, (_, layer) =>
      Array.from({ length: heads }, (_, head) => this.#button({ layer, head })),
    )
    const label = (text: string) => make('span', { className: 'label', ariaHidden: 'true' }, text)
    const numbers = Array.from({ length: heads }, (_, head) => label(String(head + 1)))
    const rows = this.#buttons.flatMap((row, layer) => [label(String(layer + 1)), ...row])
    this.container.replaceChildren(label(''), ...numbers, ...rows)
  }

  #button(place: Head) {
    const button = make(
      'button',
      { type: 'button', className: 'head', title: nameOf(place), tabIndex: -1 },
      make('canvas'),
    )
    button.setAttribute('aria-label', nameOf(place))
    button.setAttribute('aria-pressed', 'false')
    button.addEventListener('click', () => this.select(place))
    return button
  }

  #move(event: KeyboardEvent) {
    const { layer, head } = this.#selected
    const [layers, heads] = [this.#buttons.length, this.#buttons[0]?.length ?? 0]
    const moves: Record<string, Head> = {
      ArrowLeft: { layer, head: Math.max(0, head - 1) },
      ArrowRight: { layer, head: Math.min(heads - 1, head + 1) },
      ArrowUp: { layer: Math.max(0, layer - 1), head },
      ArrowDown: { layer: Math.min(layers - 1, layer + 1), head },
      Home: { layer, head: 0 },
      End: { layer, head: heads - 1 },
    }
    const target = moves[event.key]
    if (!target) return
    event.preventDefault()
    this.select(target)
    this.#buttons[target.layer]?.[target.head]?.focus()
  }
}

function mark(button: HTMLButtonElement | undefined, selected: boolean) {
  button?.setAttribute('aria-pressed', String(selected))
  if (button) button.tabIndex = selected ? 0 : -1
}
