/** @file The sentence with a tag below each word, in the tag's colour; what masking has changed is marked. */
import { make } from '../../shared/dom'
import type { Word } from './tagger'

/** @param answer what the whole model says */
export function showWords(
  list: HTMLElement,
  words: readonly Word[],
  answer: readonly Word[],
  nameOf: (tag: number) => string,
): void {
  list.replaceChildren(
    ...words.map(({ text, tag, probabilities }, i) => {
      const before = answer[i]!.tag
      const changed = before !== tag
      const name = make('span', { className: 'tag' }, nameOf(tag))
      const was = changed ? [make('s', { className: 'was' }, nameOf(before))] : []
      const item = make('li', { className: changed ? 'changed' : '' }, make('b', {}, text), name, ...was)
      item.title = `${nameOf(tag)}, ${(100 * probabilities[tag]!).toFixed(0)} %`
      item.style.setProperty('--hue', String((tag * 137.5) % 360)) // neighbours in number are far apart in colour
      return item
    }),
  )
}
