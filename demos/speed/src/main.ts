/** @file Puts the page together: what is set, the run, its result. */
import '../../shared/theme.css'
import '../../shared/frame.css'
import '../../shared/controls.css'
import '../../shared/chart.css'
import './style.css'
import { element } from '../../shared/dom'
import { inWords } from '../../shared/failure'
import { register } from '../../shared/register'
import { findGpu } from './devices'
import { measure, type Watch } from './measure'
import { hide, show } from './report'
import { deviceName, megabytes } from './result'
import { readSource, setupForm } from './setup-form'

await register((changeOver) => {
  element('update', HTMLElement).hidden = false
  element('change-over', HTMLButtonElement).onclick = changeOver
})

const runButton = element('run', HTMLButtonElement)
const stopButton = element('stop', HTMLButtonElement)
const settings = element('all-settings', HTMLFieldSetElement)
const progress = element('progress', HTMLProgressElement)
const status = element('status', HTMLElement)
const runtime = element('runtime', HTMLElement)

const [source, gpu] = await Promise.all([readSource(), findGpu()])
element('origin', HTMLElement).textContent =
  source.notice ?? `Models come from ${new URL(source.endpoint, location.href).host}.`
const setup = setupForm(source, gpu)
runButton.disabled = false

function say(words: string, alarm = false) {
  status.textContent = words
  status.classList.toggle('alarm', alarm)
}

async function run(): Promise<void> {
  const chosen = setup() // before the form is disabled
  const controller = new AbortController()
  const { signal } = controller
  let loading = true
  const watch: Watch = {
    signal,
    onLoad({ totals: { loaded, total } }) {
      if (signal.aborted || !loading) return // the last of it is told late
      if (total) progress.value = loaded / total
      say(`Getting the model: ${megabytes(loaded)}${total === undefined ? '' : ` of ${megabytes(total)}`}`)
    },
    onStep(words, share) {
      if (signal.aborted) return
      loading = share === undefined
      if (share === undefined) progress.removeAttribute('value')
      else progress.value = share
      say(words)
    },
  }
  busy(true)
  stopButton.onclick = () => {
    say('Stopping')
    controller.abort()
  }
  hide()
  runtime.textContent = `${chosen.repository.split('/').at(-1)}, on ${deviceName(chosen.device)}`
  try {
    show(await measure(chosen, watch))
    say('Done.')
  } catch (error) {
    if (signal.aborted) say('Stopped.')
    else say(inWords(error), true)
  }
  busy(false)
}

function busy(running: boolean) {
  settings.disabled = running
  runButton.hidden = running
  stopButton.hidden = progress.hidden = !running
  progress.removeAttribute('value')
  if (running) stopButton.focus()
  else runButton.focus()
}

element('settings', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault()
  void run()
})
