/** @file The strip that says how far the index is, and the one button that moves it on. */
import { element } from '../../shared/dom'
import { announce, percent } from './elements'
import { type Action, describe } from './index-status'
import { type SharedModel, vectorsOf } from './model'
import type { EmbedProgress, SentenceIndex } from './sentence-index'

/** @param onGrowth called when there is more, or less, to search */
export function indexPanel(index: SentenceIndex, model: SharedModel, onGrowth: () => void): void {
  const panel = element('index', HTMLElement)
  const title = element('index-status', HTMLElement)
  const detail = element('index-detail', HTMLElement)
  const bar = element('index-progress', HTMLProgressElement)
  const button = element('index-action', HTMLButtonElement)
  let running: AbortController | undefined
  let pace: EmbedProgress | undefined
  let failure: unknown
  let tenths = 0

  const actions: Record<Action, () => void> = {
    embed,
    cancel: () => running?.abort(),
    async clear() {
      await index.clear()
      onGrowth()
      show()
    },
  }

  async function embed() {
    running = new AbortController()
    const { signal } = running
    pace = failure = undefined
    show()
    try {
      await model.load(signal)
      await index.embed((texts) => model.run((extract) => vectorsOf(extract, texts, signal), signal), {
        signal,
        onProgress,
      })
      announce('All sentences are embedded.')
    } catch (error) {
      if (!signal.aborted) failure = error
      announce(signal.aborted ? 'Stopped.' : 'Embedding failed.')
    } finally {
      running = undefined
      show()
    }
  }

  function onProgress(progress: EmbedProgress) {
    pace = progress
    show()
    onGrowth()
    const done = Math.floor((10 * index.embedded) / index.size)
    if (done > tenths) announce(`${percent(done / 10)} embedded.`)
    tenths = done
  }

  let action: Action = 'embed'
  function show() {
    const { source, state } = model
    const status = describe({ index, source, state, running: running !== undefined, pace, failure })
    title.textContent = status.title
    detail.textContent = status.detail
    panel.classList.toggle('alarm', status.alarm ?? false)
    bar.value = status.progress
    bar.setAttribute('aria-valuetext', `${percent(status.progress)}, ${status.detail}`)
    button.textContent = status.button.label
    action = status.button.action
    button.classList.toggle('quiet', action !== 'embed')
  }

  button.addEventListener('click', () => actions[action]())
  model.onChange(show)
}
