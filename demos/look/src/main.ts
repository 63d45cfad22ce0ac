/** @file Puts the page together: the picture, what is looked for, the model, and what it sees. */
import '../../shared/theme.css'
import '../../shared/frame.css'
import '../../shared/controls.css'
import './style.css'
import type { Progress } from 'webformers'
import { element } from '../../shared/dom'
import { inWords } from '../../shared/failure'
import { latest } from '../../shared/latest'
import { register } from '../../shared/register'
import { modelForm } from './model-form'
import { type Choice, type Looker, Models, type Seen } from './models'
import { clear, show, wordsAt } from './overlay'
import { Stage } from './stage'

await register((changeOver) => {
  element('update', HTMLElement).hidden = false
  element('change-over', HTMLButtonElement).onclick = changeOver
})

/** What model.json says. A server near the page may answer with its own: see e2e/serve-demos.mjs. */
interface Origin {
  readonly endpoint: string
  readonly notice?: string
}
const origin = (await (await fetch('./model.json')).json()) as Origin
element('origin', HTMLElement).textContent =
  origin.notice ?? `Models come from ${new URL(origin.endpoint, location.href).host}.`

const status = element('status', HTMLElement)
const runtime = element('runtime', HTMLElement)
const progress = element('progress', HTMLProgressElement)
const get = element('get', HTMLButtonElement)
const cancel = element('cancel', HTMLButtonElement)
const threshold = element('threshold', HTMLInputElement)
const legend = element('legend', HTMLElement)
const picture = element('picture', HTMLElement)

const models = new Models(origin.endpoint)
const choice = modelForm(() => void choose())
const stage = new Stage({ change: () => void look(undefined), failed })
let seen: Seen | undefined
let hovered: string | undefined

function say(words: string) {
  status.textContent = words
  status.classList.remove('alarm')
}

function failed(error: unknown) {
  status.textContent = inWords(error)
  status.classList.add('alarm')
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`

/** Run what loads a model, and tell how it goes. */
async function loading(
  load: (signal: AbortSignal) => Promise<Looker | undefined>,
): Promise<Looker | undefined> {
  const controller = new AbortController()
  cancel.onclick = () => controller.abort()
  runtime.textContent = 'Loading'
  cancel.hidden = progress.hidden = false
  get.hidden = true
  progress.removeAttribute('value')
  try {
    return await load(controller.signal)
  } catch (error) {
    if (controller.signal.aborted) say('Cancelled.')
    else failed(error)
    return undefined
  } finally {
    cancel.hidden = progress.hidden = true
    describe()
  }
}

function onProgress({ totals: { loaded, total } }: Progress) {
  if (progress.hidden) return // the last of it is told late
  if (total) progress.value = loaded / total
  say(`Getting it: ${megabytes(loaded)}${total === undefined ? '' : ` of ${megabytes(total)}`}`)
}

function describe() {
  const chosen = choice()
  const looker = chosen && models.loaded(chosen)
  get.hidden = !chosen || looker !== undefined
  runtime.textContent = looker
    ? `${looker.choice.repository.split('/').at(-1)}, on ${looker.device === 'wasm' ? 'WebAssembly' : 'WebGPU'}`
    : 'No model yet'
  element('threshold-field', HTMLElement).hidden = chosen?.view !== 'boxes'
}

/** The model that is chosen, if an earlier visit has stored it. */
async function choose(): Promise<void> {
  seen = undefined
  clear(stage)
  legend.replaceChildren()
  describe()
  const chosen = choice()
  if (!chosen) return say('Name a repository.')
  if (!models.loaded(chosen)) await begin(chosen, false)
  await look(undefined)
}

async function begin(chosen: Choice, download: boolean): Promise<void> {
  say('Looking for it')
  const looker = await loading((signal) => {
    const how = { signal, onProgress }
    return download ? models.load(chosen, how) : models.restore(chosen, how)
  })
  if (looker || status.classList.contains('alarm')) return
  say('This model is not in this browser yet. Once it is, the page needs no network.')
}

/** One look at a time, at the newest picture; while the camera is on, without end. */
const look = latest(async (_: undefined) => {
  const chosen = choice()
  const looker = chosen && models.loaded(chosen)
  if (!looker) return
  stage.refresh()
  try {
    const start = performance.now()
    seen = await looker.look(stage.image)
    const time = Math.round(performance.now() - start)
    redraw()
    say(`Looked in ${time} ms.`)
  } catch (error) {
    failed(error)
  }
  if (stage.live) requestAnimationFrame(() => void look(undefined))
})

function redraw() {
  element('threshold-value', HTMLElement).textContent = `${Math.round(100 * Number(threshold.value))} %`
  if (seen) show(seen, stage, Number(threshold.value), hovered)
}

threshold.addEventListener('input', redraw)
element('model', HTMLFormElement).addEventListener('submit', async (event) => {
  event.preventDefault()
  const chosen = choice()
  if (!chosen) return
  await begin(chosen, true)
  await look(undefined)
})
/** What the pointer is on in the list stands out in the picture. */
for (const kind of ['pointerover', 'focusin'])
  legend.addEventListener(kind, ({ target }) => highlight((target as Element).closest('li')?.dataset.name))
for (const kind of ['pointerleave', 'focusout']) legend.addEventListener(kind, () => highlight(undefined))
function highlight(name: string | undefined) {
  if (name === hovered) return
  hovered = name
  if (seen) show(seen, stage, Number(threshold.value), hovered)
}
picture.addEventListener('pointermove', ({ clientX, clientY }) => {
  const { left, top, width, height } = stage.image.getBoundingClientRect()
  const [x, y] = [(clientX - left) / width, (clientY - top) / height]
  const inside = seen && x >= 0 && x < 1 && y >= 0 && y < 1
  element('readout', HTMLElement).textContent = (inside && wordsAt(seen!, x, y)) || ' '
})

redraw()
await stage.showCat()
await choose()
