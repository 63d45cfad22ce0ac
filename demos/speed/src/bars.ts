/** @file A bar for each length: the share of the roofline that is reached, with the spread of the rounds, as SVG. */
import { svg } from '../../shared/svg'
import { ticks } from '../../shared/ticks'
import { percent, type Result, tokensPerSecond } from './result'

const ROW = 64
const BAR = 20
const MARGIN = { top: 20, right: 16, bottom: 26, left: 12 }

/** Draws results in an element, as wide as it is. */
export function barsIn(container: HTMLElement): (result: Result) => void {
  const picture = svg('svg', { class: 'chart', role: 'img' })
  let shown: Result | undefined
  const draw = () => {
    if (shown && container.clientWidth > 0) drawInto(picture, shown, container.clientWidth)
  }
  container.append(picture)
  new ResizeObserver(draw).observe(container)
  return (result) => {
    shown = result
    draw()
  }
}

function drawInto(picture: SVGElement, { writing }: Result, width: number) {
  const height = MARGIN.top + ROW * writing.length + MARGIN.bottom
  // What stays in a processor's cache is read faster than memory is.
  const most = Math.max(1, ...writing.map(({ tokensPerSecond: { high }, ceiling }) => high / ceiling))
  const x = (share: number) => MARGIN.left + (share / most) * (width - MARGIN.left - MARGIN.right)
  const bottom = height - MARGIN.bottom
  const line = (share: number, name: string) =>
    svg('line', { x1: x(share), x2: x(share), y1: MARGIN.top, y2: bottom, class: name })
  picture.setAttribute('viewBox', `0 0 ${width} ${height}`)
  picture.setAttribute('width', String(width))
  picture.setAttribute('height', String(height))
  picture.setAttribute('aria-label', inWords(writing))
  picture.replaceChildren(
    ...ticks(0, most, Math.min(5, width / 90)).flatMap((share) => [
      line(share, 'grid'),
      svg('text', { x: x(share), y: height - 8, class: 'tick', 'text-anchor': 'middle' }, percent(share)),
    ]),
    line(1, 'roof'),
    svg('text', { x: x(1), y: 12, class: 'tick', 'text-anchor': 'end' }, 'what memory allows'),
    ...writing.flatMap(({ past, share, ceiling, tokensPerSecond: speed }, i) => {
      const top = MARGIN.top + ROW * i + (ROW - BAR) / 2 + 8
      const middle = top + BAR / 2
      const [low, high] = [x(speed.low / ceiling), x(speed.high / ceiling)]
      return [
        svg(
          'text',
          { x: MARGIN.left, y: top - 8, class: 'bar-name' },
          `${tokensPerSecond(speed.median)} tokens a second at ${past} past tokens: ${percent(share)}`,
        ),
        svg('rect', { x: x(0), y: top, width: x(1) - x(0), height: BAR, rx: 4, class: 'track' }),
        svg('rect', { x: x(0), y: top, width: x(share) - x(0), height: BAR, rx: 4, class: 'bar' }),
        svg('path', {
          d: `M${low},${middle - 5}v10M${low},${middle}H${high}M${high},${middle - 5}v10`,
          class: 'spread',
        }),
      ]
    }),
  )
}

const inWords = (writing: Result['writing']) =>
  `Share of what memory allows: ${writing.map(({ past, share }) => `${percent(share)} at ${past} past tokens`).join(', ')}`
