/** @file The strip that says how far the index is, and the one button that moves it on. */
import { announce, count, element, megabytes, percent } from './elements'
import { explain } from './failure'
import { type ModelState, type SharedModel, vectorsOf } from './model'
import type { EmbedProgress, SentenceIndex } from './sentence-index'

interface View {
  status: string
  detail: string
  /** 0 to 1; absent: nothing is under way. */
  progress?: number
  action?: { label: string; run: () => void; quiet?: boolean }
  alarm?: boolean
}

/** @param onGrowth called when there is more, or less, to search */
export function indexPanel(index: SentenceIndex, model: SharedModel, onGrowth: () => void): void {
  const panel = element('index', HTMLElement)
  const status = element('index-status', HTMLElement)
  const detail = element('index-detail', HTMLElement)
  const bar = element('index-progress', HTMLProgressElement)
  const button = element('index-action', HTMLButtonElement)
  let running: AbortController | undefined
  let pace: EmbedProgress | undefined
  let failure: unknown
  let action: View['action']

  async function embed() {
    running = new AbortController()
    const { signal } = running
    failure = undefined
    pace = undefined
    show()
    try {
      const vectors = (texts: string[]) => model.run((extract) => vectorsOf(extract, texts, signal), signal)
      await index.embed(vectors, { signal, onProgress })
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
    const tenth = Math.floor((10 * index.embedded) / index.size)
    if (Number(panel.dataset.tenth) !== tenth) announce(`${tenth * 10} percent embedded.`)
    panel.dataset.tenth = String(tenth)
    pace = progress
    show()
    onGrowth()
  }

  async function clear() {
    await index.clear()
    onGrowth()
    show()
  }

  const begin = (label: string): View['action'] => ({ label, run: embed })

  function view(state: ModelState): View {
    const done = `${count(index.embedded)} of ${count(index.size)} sentences`
    const progress = index.embedded / index.size
    if (running) {
      const cancel: View['action'] = { label: 'Cancel', run: () => running?.abort(), quiet: true }
      if (state.phase === 'loading') {
        const { loaded, total } = state
        const share = total ? loaded / total : 0
        return {
          status: 'Loading the model',
          detail: total ? `${megabytes(loaded)} of ${megabytes(total)}` : 'Opening the repository',
          progress: share,
          action: cancel,
        }
      }
      return { status: done, detail: pace ? paceOf(pace) : 'Warming up', progress, action: cancel }
    }
    const broken = failure ?? (state.phase === 'failed' ? state.error : undefined)
    if (broken !== undefined) {
      const { title, advice } = explain(broken, model.source)
      return { status: title, detail: advice, action: begin('Try again'), alarm: true }
    }
    if (index.complete) {
      const kept = index.kept
        ? 'Kept in this browser: the next visit searches at once.'
        : 'This browser’s storage is full: the next visit embeds them again.'
      return {
        status: `${count(index.size)} sentences embedded`,
        detail: kept,
        progress,
        action: { label: 'Start over', run: clear, quiet: true },
      }
    }
    if (index.embedded > 0) {
      return {
        status: done,
        detail: 'Stopped. Search covers these so far.',
        progress,
        action: begin('Resume'),
      }
    }
    return {
      status: `${count(index.size)} sentences to embed`,
      detail: fetched(state, model),
      action: begin('Embed them'),
    }
  }

  function show(state = model.state) {
    const shown = view(state)
    status.textContent = shown.status
    detail.textContent = shown.detail
    panel.classList.toggle('alarm', shown.alarm ?? false)
    bar.value = shown.progress ?? 0
    bar.setAttribute('aria-valuetext', `${percent(bar.value)}, ${shown.detail}`)
    action = shown.action
    button.textContent = action?.label ?? ''
    button.classList.toggle('quiet', action?.quiet ?? false)
  }

  button.addEventListener('click', () => action?.run())
  model.onChange(show)
}

const paceOf = ({ sentencesPerSecond, secondsLeft }: EmbedProgress) =>
  `${count(Math.round(sentencesPerSecond))} sentences/s, ${timeLeft(secondsLeft)} left`

const timeLeft = (seconds: number) => {
  const whole = Math.ceil(seconds)
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`
}

function fetched(state: ModelState, { source }: SharedModel): string {
  if (state.phase === 'ready') return 'The model is here already.'
  const host = new URL(source.endpoint, location.href).host
  return source.notice ?? `Downloads the model from ${host} once, and keeps it.`
}
