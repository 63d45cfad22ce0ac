/** @file Search as you type: the query becomes a vector, the nearest sentences are listed. */

import { element, make } from '../../shared/dom'
import { latest } from '../../shared/latest'
import type { Sentence } from './corpus'
import { count, typeset } from './elements'
import { type SharedModel, vectorsOf } from './model'
import type { Neighbour } from './nearest'
import type { SentenceIndex } from './sentence-index'

const SHOWN = 10
const examples = [
  'a terrible storm at sea',
  'the captain wants revenge',
  'why white is frightening',
  'a good supper',
  'becoming friends',
  'the meaning of life',
]

/** @param explore shows a sentence's attention maps @returns what to call when there is more to search */
export function searchView(
  sentences: readonly Sentence[],
  index: SentenceIndex,
  model: SharedModel,
  explore: (text: string) => void,
): () => void {
  const input = element('query', HTMLInputElement)
  const summary = element('summary', HTMLElement)
  const list = element('results', HTMLOListElement)
  const rows = Array.from({ length: SHOWN }, () => resultRow(explore))
  list.append(...rows.map(({ row }) => row))
  let query: Float32Array | undefined

  const search = latest(async (text: string) => {
    const started = performance.now()
    const asked = model.wanted && text.trim() !== ''
    // Where the model fails, the strip above says why, and what to do.
    const vectors = asked && (await model.run((extract) => vectorsOf(extract, [text])).catch(() => undefined))
    query = vectors ? vectors.data : undefined
    show(performance.now() - started)
  })

  function show(milliseconds?: number) {
    const found = query && index.embedded > 0 ? index.nearest(query, SHOWN) : []
    for (const [i, { row, fill }] of rows.entries()) {
      const neighbour = found[i]
      row.hidden = neighbour === undefined
      if (neighbour) fill(sentences[neighbour.index]!, neighbour)
    }
    if (found.length === 0) summary.textContent = hint(input.value)
    else if (milliseconds !== undefined) {
      summary.textContent = `The nearest ${found.length} of ${count(index.embedded)}, in ${Math.round(milliseconds)} ms`
    }
  }

  const hint = (text: string) => {
    if (index.embedded === 0) return 'Embed the sentences first, then search them here.'
    if (text.trim() === '') return 'Type something, or take an example.'
    return model.state.phase === 'loading' ? 'The model is on its way.' : ''
  }

  input.addEventListener('input', () => search(input.value))
  element('ask', HTMLFormElement).addEventListener('submit', (event) => event.preventDefault())
  element('examples', HTMLElement).append(
    ...examples.map((text) => {
      const chip = make('button', { type: 'button', className: 'chip' }, text)
      chip.addEventListener('click', () => {
        input.value = text
        search(text)
      })
      return chip
    }),
  )
  model.onChange(({ phase }) => phase === 'ready' && search(input.value))
  show()
  return () => {
    if (query === undefined) search(input.value)
    else show()
  }
}

/** A line of the list, filled again and again: nothing flickers while somebody types. */
function resultRow(explore: (text: string) => void) {
  const number = make('span', { className: 'number' })
  const bar = make('span', { className: 'bar' })
  const text = make('p', { className: 'sentence' })
  const source = make('span')
  const button = make('button', { type: 'button', className: 'link' }, 'Attention')
  let shown: Sentence | undefined
  button.addEventListener('click', () => shown && explore(shown.text))
  const row = make(
    'li',
    { hidden: true },
    make('div', { className: 'score' }, number, bar),
    make('div', {}, text, make('p', { className: 'source' }, source, button)),
  )
  const fill = (sentence: Sentence, { score }: Neighbour) => {
    number.textContent = score.toFixed(3)
    bar.style.setProperty('--score', String(Math.max(0, score)))
    shown = sentence
    text.textContent = typeset(sentence.text)
    source.textContent = typeset(`Chapter ${sentence.chapter}, ${sentence.title}`)
    button.setAttribute('aria-label', `Attention maps of: ${sentence.text}`)
  }
  return { row, fill }
}
