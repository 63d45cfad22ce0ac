/** @file A result on the page: drawn, as a table, and to copy. */
import { element, make } from '../../shared/dom'
import { barsIn } from './bars'
import {
  gigabytes,
  inText,
  megabytes,
  milliseconds,
  percent,
  type Result,
  speedOf,
  tokensPerSecond,
} from './result'

const section = element('report', HTMLElement)
const text = element('text', HTMLPreElement)
const copied = element('copied', HTMLElement)
const draw = barsIn(element('bars', HTMLElement))

/** A small model stays there. */
const IN_CACHE =
  'More than memory allows: so small a model stays in the processor’s cache, which is faster than memory.'

/** Nothing until there is something new. */
export function hide(): void {
  section.hidden = true
}

export function show(result: Result): void {
  const { bandwidth, reading, writing } = result
  section.hidden = false
  draw(result)
  element('rows', HTMLTableSectionElement).replaceChildren(
    ...writing.map((at) =>
      row(
        String(at.past),
        speedOf(at.tokensPerSecond),
        percent(at.share),
        tokensPerSecond(at.ceiling),
        megabytes(at.bytesPerToken),
      ),
    ),
  )
  element('memory', HTMLElement).textContent = `${gigabytes(bandwidth.high)} a second`
  element('reading', HTMLElement).textContent =
    `${reading.tokens} tokens in ${milliseconds(reading.milliseconds)} ms`
  element('in-cache', HTMLElement).textContent = writing.some(({ share }) => share > 1) ? IN_CACHE : ''
  text.textContent = inText(result)
  copied.textContent = ''
  element('copy-text', HTMLButtonElement).onclick = () => copy(inText(result), 'Copied as text.')
  element('copy-json', HTMLButtonElement).onclick = () =>
    copy(JSON.stringify(result, null, 2), 'Copied as JSON.')
}

const row = (name: string, ...cells: readonly string[]) =>
  make('tr', {}, make('th', { scope: 'row' }, name), ...cells.map((cell) => make('td', {}, cell)))

async function copy(what: string, done: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(what)
    copied.textContent = done
  } catch {
    text.textContent = what
    element('as-text', HTMLDetailsElement).open = true
    copied.textContent = 'This browser lets no page copy: select it below.'
  }
}
