/** @file The attention maps of a sentence one types: all heads small, one of them large. */

import { element } from '../../shared/dom'
import { latest } from '../../shared/latest'
import { type AttentionMaps, readAttention } from './attention-maps'
import { explain } from './failure'
import { HeadDetail } from './head-detail'
import { HeadGrid } from './head-grid'
import type { SharedModel } from './model'

/** @returns a function that changes over to the maps of a sentence */
export function attentionView(model: SharedModel): (text: string) => void {
  const input = element('sentence', HTMLInputElement)
  const pictures = element('pictures', HTMLElement)
  const empty = element('no-pictures', HTMLElement)
  const reason = element('no-pictures-reason', HTMLElement)
  const loadButton = element('load-model', HTMLButtonElement)
  const detail = new HeadDetail()
  const grid = new HeadGrid(element('heads', HTMLElement), (head) => detail.select(head))
  let maps: AttentionMaps | undefined

  const read = latest(async (text: string) => {
    if (!model.wanted || text.trim() === '') return
    try {
      maps = await model.run((extractor) => readAttention(extractor, text))
      detail.open(maps)
      empty.hidden = true
      pictures.hidden = false
      grid.show(maps)
    } catch (error) {
      if (model.state.phase === 'ready') say(explain(error, model.source).advice, false) // else its state says more
    }
  })

  /** Maps need a program of their own: it is not loaded for somebody who only searches. */
  const readIfSeen = () => {
    if (location.hash === '#attention') read(input.value)
  }

  function say(text: string, offer: boolean) {
    empty.hidden = maps !== undefined
    reason.textContent = text
    loadButton.hidden = !offer
  }

  input.addEventListener('input', readIfSeen)
  addEventListener('hashchange', readIfSeen)
  element('look', HTMLFormElement).addEventListener('submit', (event) => event.preventDefault())
  loadButton.addEventListener('click', () => model.load().catch(() => {})) // its state tells what went wrong
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => maps && grid.show(maps))
  model.onChange((state) => {
    if (state.phase === 'ready') readIfSeen()
    if (state.phase === 'absent') say('The pictures come from the model, which is not here yet.', true)
    if (state.phase === 'loading') say('Loading the model…', false)
    if (state.phase === 'failed') {
      const { title, advice } = explain(state.error, model.source)
      say(`${title} ${advice}`, true)
    }
  })

  return (text) => {
    input.value = text
    location.hash = '#attention'
    readIfSeen()
  }
}
