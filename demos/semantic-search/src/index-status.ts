/** @file What the strip of the index says, in every state that it can be in. */
import { count, megabytes } from './elements'
import { explain } from './failure'
import type { ModelSource, ModelState } from './model'
import type { EmbedProgress, SentenceIndex } from './sentence-index'

export type Action = 'embed' | 'cancel' | 'clear'

export interface Status {
  readonly title: string
  readonly detail: string
  /** 0 to 1 */
  readonly progress: number
  readonly button: { readonly label: string; readonly action: Action }
  readonly alarm?: true
}

export interface Situation {
  readonly index: SentenceIndex
  readonly source: ModelSource
  readonly state: ModelState
  /** Set while sentences are embedded. */
  readonly running: boolean
  readonly pace: EmbedProgress | undefined
  readonly failure: unknown
}

export function describe({ index, source, state, running, pace, failure }: Situation): Status {
  const progress = index.embedded / index.size
  const title = `${count(index.embedded)} of ${count(index.size)} sentences`
  const begin = (label: string) => ({ label, action: 'embed' }) as const

  if (running) {
    const button = { label: 'Cancel', action: 'cancel' } as const
    if (state.phase === 'loading') return { ...loading(state), button }
    return { title, detail: pace ? speed(pace) : 'Warming up', progress, button }
  }
  const error = failure ?? (state.phase === 'failed' ? state.error : undefined)
  if (error !== undefined) {
    const { title, advice } = explain(error, source)
    return { title, detail: advice, progress, button: begin('Try again'), alarm: true }
  }
  if (index.complete) {
    const title = `${count(index.size)} sentences embedded`
    if (state.phase === 'absent')
      return {
        title,
        detail: 'To search them, the model is needed again.',
        progress,
        button: begin('Load it'),
      }
    const detail = index.kept
      ? 'Kept in this browser: the next visit searches at once.'
      : 'This browser’s storage is full: the next visit embeds them again.'
    return { title, detail, progress, button: { label: 'Start over', action: 'clear' } }
  }
  if (index.embedded > 0)
    return { title, detail: 'Stopped. Search covers these so far.', progress, button: begin('Resume') }
  const host = new URL(source.endpoint, location.href).host
  const detail =
    state.phase === 'ready'
      ? 'The model is here already.'
      : (source.notice ?? `Downloads the model from ${host} once, and keeps it.`)
  return { title: `${count(index.size)} sentences to embed`, detail, progress, button: begin('Embed them') }
}

const loading = ({ loaded, total }: ModelState & { phase: 'loading' }) => ({
  title: 'Loading the model',
  detail: total ? `${megabytes(loaded)} of ${megabytes(total)}` : 'Opening the repository',
  progress: total ? loaded / total : 0,
})

const speed = ({ sentencesPerSecond, secondsLeft }: EmbedProgress) =>
  `${count(Math.round(sentencesPerSecond))} sentences/s, ${timeLeft(secondsLeft)} left`

function timeLeft(seconds: number): string {
  const whole = Math.ceil(seconds)
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`
}
