/** @file A chart that grows while something is measured: lines and points over steps, with axes, as SVG. */
import { svg } from './svg'
import { ticks } from './ticks'

type Point = readonly [step: number, value: number]

export interface ChartOptions {
  /** What is measured, for those who listen. */
  readonly label: string
  /** What each line is; the first is drawn in the accent's colour, the second in ink, with its points. */
  readonly series: readonly string[]
  /** The highest value, where it is known. */
  readonly top?: number
  readonly format: (value: number) => string
}

const HEIGHT = 200
const MARGIN = { top: 10, right: 12, bottom: 26, left: 44 }

export class Chart {
  readonly #picture: SVGElement
  readonly #points: Point[][]
  #steps = 1
  #waiting = false

  constructor(
    readonly container: HTMLElement,
    readonly options: ChartOptions,
  ) {
    this.#picture = svg('svg', { class: 'chart', role: 'img', height: HEIGHT })
    this.#points = options.series.map(() => [])
    container.append(this.#picture)
    new ResizeObserver(() => this.#draw()).observe(container)
  }

  /** Begin anew. @param steps how far the axis goes */
  clear(steps: number): void {
    this.#steps = Math.max(1, steps)
    for (const points of this.#points) points.length = 0
    this.#drawSoon()
  }

  add(series: number, step: number, value: number): void {
    if (!Number.isFinite(value)) return
    this.#points[series]!.push([step, value])
    this.#steps = Math.max(this.#steps, step)
    this.#drawSoon()
  }

  /** Once a frame, however many points come. */
  #drawSoon() {
    if (this.#waiting) return
    this.#waiting = true
    requestAnimationFrame(() => {
      this.#waiting = false
      this.#draw()
    })
  }

  #draw() {
    const width = this.container.clientWidth
    if (width === 0) return
    const { label, series, format, top } = this.options
    const values = this.#points.flat().map(([, value]) => value)
    const highest = top ?? (values.length > 0 ? Math.max(...values, 1e-9) * 1.05 : 1)
    const x = (step: number) => MARGIN.left + (step / this.#steps) * (width - MARGIN.left - MARGIN.right)
    const y = (value: number) =>
      HEIGHT - MARGIN.bottom - (value / highest) * (HEIGHT - MARGIN.top - MARGIN.bottom)
    this.#picture.setAttribute('viewBox', `0 0 ${width} ${HEIGHT}`)
    this.#picture.setAttribute('width', String(width))
    this.#picture.setAttribute('aria-label', this.#inWords(label))
    this.#picture.replaceChildren(
      ...ticks(0, highest, 4).flatMap((value) => [
        svg('line', { x1: MARGIN.left, x2: width - MARGIN.right, y1: y(value), y2: y(value), class: 'grid' }),
        svg(
          'text',
          { x: MARGIN.left - 8, y: y(value) + 4, class: 'tick', 'text-anchor': 'end' },
          format(value),
        ),
      ]),
      ...ticks(0, this.#steps, Math.min(6, width / 90, this.#steps)).map((step) =>
        svg('text', { x: x(step), y: HEIGHT - 6, class: 'tick', 'text-anchor': 'middle' }, String(step)),
      ),
      ...series.flatMap((_, i) => this.#lineOf(i, x, y)),
    )
  }

  #lineOf(i: number, x: (step: number) => number, y: (value: number) => number): SVGElement[] {
    const places = this.#points[i]!.map(([step, value]) => `${x(step).toFixed(1)},${y(value).toFixed(1)}`)
    const line = svg('polyline', { points: places.join(' '), class: `line series-${i}` })
    if (i === 0) return [line]
    const dots = this.#points[i]!.map(([step, value]) => {
      const dot = svg('circle', { cx: x(step), cy: y(value), r: 3.5, class: `dot series-${i}` })
      dot.append(svg('title', {}, `Step ${step}: ${this.options.format(value)}`))
      return dot
    })
    return [line, ...dots]
  }

  #inWords(label: string): string {
    const parts = this.options.series.flatMap((name, i) => {
      const last = this.#points[i]!.at(-1)
      return last ? [`${name} ${this.options.format(last[1])} at step ${last[0]}`] : []
    })
    return parts.length === 0 ? `${label}: nothing yet` : `${label}: ${parts.join(', ')}`
  }
}
