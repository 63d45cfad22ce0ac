/** @file Labels with their scores, as a list with bars. */
import { make } from './dom'

export interface Score {
  readonly label: string
  readonly score: number
}

/** Show the best few. */
export function showScores(list: HTMLElement, scores: readonly Score[], most = 5): void {
  list.replaceChildren(
    ...scores.slice(0, most).map(({ label, score }) => {
      const row = make('li', {}, make('span', {}, label), make('span', {}, `${(100 * score).toFixed(1)} %`))
      row.style.setProperty('--score', String(score))
      return row
    }),
  )
}
