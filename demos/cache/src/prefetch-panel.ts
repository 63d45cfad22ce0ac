/** @file The form that downloads a model, and its progress: a bar for each file, one for all, and the rate. */
import { type Progress, prefetch, WebformersError } from 'webformers'
import { element, make } from '../../shared/dom'
import { bytes } from './elements'

interface Bar {
  readonly row: HTMLLIElement
  show(progress: Progress): void
}

/** @param onChange called when the cache has other contents */
export function prefetchPanel(endpoint: string, onChange: () => void): void {
  const form = element('prefetch', HTMLFormElement)
  const input = element('repository', HTMLInputElement)
  const download = element('download', HTMLButtonElement)
  const panel = element('progress', HTMLElement)
  const status = element('progress-status', HTMLElement)
  const total = element('progress-total', HTMLProgressElement)
  const list = element('progress-files', HTMLUListElement)
  const cancel = element('cancel', HTMLButtonElement)

  form.addEventListener('submit', (event) => {
    event.preventDefault()
    void run(input.value.trim())
  })

  async function run(name: string): Promise<void> {
    const controller = new AbortController()
    const bars = new Map<string, Bar>()
    list.replaceChildren()
    panel.classList.remove('alarm')
    panel.hidden = false
    cancel.hidden = false
    download.disabled = true
    total.removeAttribute('value')
    status.textContent = `Looking for ${name}`
    cancel.onclick = () => controller.abort()
    let all = 0

    const onProgress = (progress: Progress) => {
      const bar = bars.get(progress.file) ?? addBar(progress.file)
      bar.show(progress)
      const { loaded, total: expected, rate } = progress.totals
      all = loaded
      if (expected) total.value = loaded / expected
      const of = expected === undefined ? '' : ` of ${bytes(expected)}`
      status.textContent = `${bytes(loaded)}${of}${rate > 0 ? `, ${bytes(rate)}/s` : ''}`
    }
    const addBar = (file: string) => {
      const bar = makeBar(file)
      bars.set(file, bar)
      list.append(bar.row)
      return bar
    }

    try {
      const paths = await prefetch(name, { endpoint, signal: controller.signal, onProgress })
      status.textContent = `${name} is here: ${paths.length} files, ${bytes(all)}.`
      input.value = ''
    } catch (error) {
      if (controller.signal.aborted) {
        status.textContent = 'Cancelled. What has come stays, and the next download goes on from there.'
      } else {
        panel.classList.add('alarm')
        status.textContent = error instanceof WebformersError ? error.message : String(error)
      }
    } finally {
      if (!total.hasAttribute('value')) total.value = 0
      cancel.hidden = true
      download.disabled = false
      if (document.activeElement === document.body) input.focus()
      onChange()
    }
  }
}

function makeBar(file: string): Bar {
  const label = make('span', { className: 'file-name' }, file)
  const size = make('span', { className: 'file-size' })
  const bar = make('progress', { max: 1, value: 0, ariaLabel: file })
  return {
    row: make('li', {}, label, size, bar),
    show({ loaded, total, rate }) {
      if (total) bar.value = loaded / total
      const done = total !== undefined && loaded >= total
      size.textContent = done
        ? bytes(total)
        : `${bytes(loaded)} of ${total === undefined ? '?' : bytes(total)}${rate > 0 ? `, ${bytes(rate)}/s` : ''}`
    },
  }
}
