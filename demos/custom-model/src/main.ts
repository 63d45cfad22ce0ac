/** @file Puts the page together: the source as it runs, its training, its answers, and what is kept. */
import '../../shared/theme.css'
import '../../shared/frame.css'
import '../../shared/controls.css'
import '../../shared/chart.css'
import './style.css'
import './architecture'
import { FileNotFoundError } from 'webformers'
import { element } from '../../shared/dom'
import { inWords } from '../../shared/failure'
import { latest } from '../../shared/latest'
import { register } from '../../shared/register'
import { showScores } from '../../shared/scores'
import { percent, trainingCharts } from '../../shared/training-charts'
import source from './architecture.ts?raw'
import { highlight } from './highlight'
import { type Classifier, load, type Trained, train } from './model'

element('source', HTMLPreElement).append(highlight(source.trimEnd()))
await register((changeOver) => {
  element('update', HTMLElement).hidden = false
  element('change-over', HTMLButtonElement).onclick = changeOver
})

const trainButton = element('train', HTMLButtonElement)
const stopButton = element('stop', HTMLButtonElement)
const saveButton = element('save', HTMLButtonElement)
const loadButton = element('load', HTMLButtonElement)
const status = element('status', HTMLElement)
const kept = element('kept', HTMLElement)
const progress = element('progress', HTMLProgressElement)
const text = element('text', HTMLTextAreaElement)

const { loss, accuracy } = trainingCharts()

let trained: Trained | undefined
let classify: Classifier | undefined

function say(where: HTMLElement, words: string, alarm = false) {
  where.textContent = words
  where.classList.toggle('alarm', alarm)
}

async function run(): Promise<void> {
  const controller = new AbortController()
  let measured = 0
  trainButton.disabled = true
  stopButton.hidden = progress.hidden = element('charts', HTMLElement).hidden = false
  stopButton.onclick = () => controller.abort()
  progress.removeAttribute('value')
  say(status, 'Getting ready')
  const start = performance.now()
  try {
    const next = await train({
      signal: controller.signal,
      onBegin(steps) {
        loss.clear(steps)
        accuracy.clear(steps)
      },
      onProgress(done, total) {
        progress.value = done / total
        say(status, `Step ${done} of ${total}`)
      },
      onLog(step, logs) {
        if (logs.loss !== undefined) loss.add(0, step, logs.loss)
        if (logs.eval_loss !== undefined) loss.add(1, step, logs.eval_loss)
        if (logs.eval_accuracy === undefined) return
        measured = logs.eval_accuracy
        accuracy.add(1, step, measured)
      },
    })
    const seconds = (performance.now() - start) / 1000
    say(status, `${percent(measured)} of mails it had not seen are right, after ${seconds.toFixed(0)} s`)
    trained = next
    await use(next.classify, `${(next.parameters / 1000).toFixed(0)},000 parameters, trained here`)
  } catch (error) {
    if (controller.signal.aborted) say(status, 'Stopped.')
    else say(status, inWords(error), true)
  } finally {
    trainButton.disabled = false
    trainButton.textContent = 'Train anew'
    stopButton.hidden = progress.hidden = true
  }
}

/** Let another model answer. */
async function use(next: Classifier, about: string): Promise<void> {
  const former = classify
  classify = next
  await former?.model.dispose()
  element('runtime', HTMLElement).textContent = about
  element('ask', HTMLElement).hidden = false
  saveButton.disabled = trained?.classify !== next
  answer(text.value)
}

const answer = latest(async (mail: string) => {
  if (!classify || mail.trim() === '') return
  try {
    showScores(element('scores', HTMLElement), await classify(mail, { topK: null, truncation: true }))
  } catch (error) {
    say(kept, inWords(error), true)
  }
})

saveButton.onclick = async () => {
  saveButton.disabled = true
  say(kept, 'Saving')
  try {
    await trained?.save()
    say(kept, 'Saved. It is there on your next visit, too.')
  } catch (error) {
    say(kept, inWords(error), true)
  } finally {
    saveButton.disabled = false
  }
}

loadButton.onclick = async () => {
  loadButton.disabled = true
  say(kept, 'Loading')
  try {
    await use(await load(), 'The saved model, loaded')
    say(kept, 'Loaded with pipeline(‘text-classification’, ‘indexeddb://demo-custom-model’): it answers now.')
  } catch (error) {
    say(kept, error instanceof FileNotFoundError ? 'Nothing was saved yet.' : inWords(error), true)
  } finally {
    loadButton.disabled = false
  }
}

trainButton.onclick = run
text.addEventListener('input', () => answer(text.value))
