/** @file The length of each token's vector in each layer, as squares: the stronger, the longer. */
import { make } from '../../shared/dom'
import type { Reading } from './tagger'

/** @param read told what is under the pointer */
export function showNorms(
  container: HTMLElement,
  reading: Reading,
  kind: string,
  read: (text: string) => void,
): void {
  const rows = reading.norms.get(kind)!
  const [smallest, largest] = [Math.min(...rows.flat()), Math.max(...rows.flat())]
  const spread = Math.max(largest - smallest, 0.01 * largest) // what differs by less is even
  // Embeddings come before the first layer.
  const embeddings =
    rows.length - Math.max(...[...reading.norms.values()].slice(1).map(({ length }) => length))
  const nameOf = (row: number) => (row < embeddings ? 'Embeddings' : `Layer ${row + 1 - embeddings}`)
  const cell = (row: number, token: number) => {
    const length = rows[row]![token]!
    const square = make('span', { className: 'square', title: length.toFixed(2) })
    square.style.setProperty('--share', (0.15 + (0.85 * (length - smallest)) / spread).toFixed(3))
    square.addEventListener('pointerenter', () =>
      read(`${nameOf(row)}, “${reading.tokens[token]}”: ${length.toFixed(2)}`),
    )
    return square
  }
  container.style.setProperty('--tokens', String(reading.tokens.length))
  container.setAttribute('role', 'img')
  container.setAttribute('aria-label', inWords(kind, reading.tokens, rows, nameOf))
  container.replaceChildren(
    ...rows.flatMap((row, i) => [
      make('span', { className: 'label' }, nameOf(i)),
      ...row.map((_, token) => cell(i, token)),
    ]),
    make('span'),
    ...reading.tokens.map((token) => make('span', { className: 'token' }, token)),
  )
  read(`From ${smallest.toFixed(2)} to ${largest.toFixed(2)}`)
}

function inWords(
  kind: string,
  tokens: readonly string[],
  rows: readonly (readonly number[])[],
  nameOf: (row: number) => string,
): string {
  const longest = rows.map((row, i) => {
    const at = row.indexOf(Math.max(...row))
    return `${nameOf(i)} “${tokens[at]}” ${row[at]!.toFixed(1)}`
  })
  return `${kind}; longest in ${longest.join(', ')}`
}
