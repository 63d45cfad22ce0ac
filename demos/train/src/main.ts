/** @file Puts the page together: what is set, the training that runs, the answers, what is kept. */
import '../../shared/theme.css'
import '../../shared/frame.css'
import '../../shared/controls.css'
import '../../shared/chart.css'
import './style.css'
import { element } from '../../shared/dom'
import { inWords } from '../../shared/failure'
import { latest } from '../../shared/latest'
import { register } from '../../shared/register'
import { showScores } from '../../shared/scores'
import { percent, trainingCharts } from '../../shared/training-charts'
import { inWordsOf, readSource } from './bases'
import { dataForm } from './data-form'
import { keepForm } from './keep-form'
import { methodForm } from './method-form'
import { Pace } from './pace'
import { Session, type Watch } from './session'

await register((changeOver) => {
  element('update', HTMLElement).hidden = false
  element('change-over', HTMLButtonElement).onclick = changeOver
})

const source = await readSource()
const trainButton = element('train', HTMLButtonElement)
const pauseButton = element('pause', HTMLButtonElement)
const stopButton = element('stop', HTMLButtonElement)
const settings = element('all-settings', HTMLFieldSetElement)
const status = element('status', HTMLElement)
const progress = element('progress', HTMLProgressElement)
const runtime = element('runtime', HTMLElement)
const text = element('text', HTMLTextAreaElement)
const scores = element('scores', HTMLElement)

element('origin', HTMLElement).textContent =
  source.notice ?? `Other bases come from ${new URL(source.endpoint, location.href).host}.`

const { loss, accuracy } = trainingCharts()

const texts = dataForm()
const method = methodForm(source)
const keep = keepForm()
let session: Session | undefined

function say(words: string, alarm = false) {
  status.textContent = words
  status.classList.toggle('alarm', alarm)
}

/** By the weights as they are: while a training runs, they are asked between two steps. */
const ask = latest(async (asked: string) => {
  const asking = session
  if (!asking || asked.trim() === '') return
  try {
    const answer = await asking.ask(asked)
    if (asking !== session) return
    showScores(scores, answer)
    element('ask-note', HTMLElement).hidden = true
  } catch (error) {
    if (asking === session && !stopping) say(inWords(error), true)
  }
})
let stopping = false

async function run(): Promise<void> {
  const controller = new AbortController()
  const { signal } = controller
  const { watch, measured } = watching(signal)
  const chosen = method() // before the form is disabled, whose values then count for nothing
  stopping = false
  begin(() => {
    stopping = true
    say('Stopping')
    controller.abort()
  })
  try {
    const set = { ...chosen, texts: await texts(), endpoint: source.endpoint }
    await session?.model.dispose()
    session = undefined
    say('Getting the model')
    session = await Session.prepare(set, watch)
    runtime.textContent = `${set.base.name}, on ${session.model.device === 'wasm' ? 'WebAssembly' : 'WebGPU'}`
    offerPause(session)
    await session.train(signal)
    say(`Done: ${measured()}`)
  } catch (error) {
    if (!signal.aborted) say(inWords(error), true)
    else say(session ? `Stopped: it keeps what it has learnt. ${measured()}` : 'Stopped.')
  } finally {
    stopping = false
    end()
  }
}

function begin(stop: () => void) {
  settings.disabled = true
  trainButton.hidden = true
  stopButton.hidden = false
  stopButton.onclick = stop
  stopButton.focus()
  progress.removeAttribute('value')
  scores.replaceChildren()
  keep(undefined)
  say('Reading the texts')
}

function end() {
  settings.disabled = false
  trainButton.hidden = false
  trainButton.textContent = 'Train anew'
  pauseButton.hidden = stopButton.hidden = true
  if (!progress.hasAttribute('value')) progress.value = 0
  keep(session)
  ask(text.value)
}

function offerPause({ trainer }: Session) {
  pauseButton.hidden = false
  pauseButton.textContent = 'Pause'
  pauseButton.onclick = () => {
    if (trainer.paused) trainer.resume()
    else trainer.pause()
    pauseButton.textContent = trainer.paused ? 'Go on' : 'Pause'
    if (trainer.paused) say(`Paused. ${status.textContent}`)
  }
}

/** What is done at the events of a training; `measured` says how good the model is. */
function watching(signal: AbortSignal): { watch: Watch; measured: () => string } {
  const pace = new Pace()
  let right: number | undefined
  const watch: Watch = {
    signal,
    onLoad: (loading) => say(`Getting the model: ${inWordsOf(loading)}`),
    onBegin(steps) {
      loss.clear(steps)
      accuracy.clear(steps)
      pace.begin(steps)
      say('Measuring what it knows already')
    },
    onStep(done, total, epoch) {
      progress.value = done / total
      if (done === 0 || stopping) return
      const paused = session?.trainer.paused ? 'Paused. ' : ''
      say(`${paused}Step ${done} of ${total}, epoch ${epoch.toFixed(1)}. ${pace.after(done)}`)
    },
    onLog(step, logs) {
      if (logs.loss !== undefined) loss.add(0, step, logs.loss)
      if (logs.eval_loss !== undefined) loss.add(1, step, logs.eval_loss)
      if (logs.eval_accuracy === undefined) return
      right = logs.eval_accuracy
      accuracy.add(1, step, right)
      ask(text.value)
    },
  }
  return {
    watch,
    measured: () => (right === undefined ? '' : `${percent(right)} of the texts held out are right.`),
  }
}

element('settings', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault()
  void run()
})
text.addEventListener('input', () => ask(text.value))
