/** @file The pictures of a training: its loss and its accuracy, of what it learns from and of what was held out. */
import { Chart } from './chart'
import { element } from './dom'

export const percent = (share: number) => `${(100 * share).toFixed(0)} %`

const series = ['training', 'held out']

/** The charts in the page's elements `loss` and `accuracy`. */
export const trainingCharts = () => ({
  loss: new Chart(element('loss', HTMLElement), {
    label: 'Loss',
    series,
    format: (value) => value.toFixed(2),
  }),
  accuracy: new Chart(element('accuracy', HTMLElement), {
    label: 'Accuracy',
    series,
    top: 1,
    format: percent,
  }),
})
