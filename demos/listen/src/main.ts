/** @file Puts the page together: the service worker, the model, the sound, what is said in it. */
import '../../shared/theme.css'
import '../../shared/frame.css'
import '../../shared/controls.css'
import './style.css'
import { element } from '../../shared/dom'
import { register } from '../../shared/register'
import { Desk } from './desk'
import { ModelPanel } from './model-panel'
import { readSource } from './recognizer'

await register((changeOver) => {
  element('update', HTMLElement).hidden = false
  element('change-over', HTMLButtonElement).onclick = changeOver
})

/** On a wide screen the settings stand beside the transcript. */
const wide = matchMedia('(min-width: 60rem)')
const fold = () => {
  element('settings-panel', HTMLDetailsElement).open = wide.matches
}
wide.addEventListener('change', fold)
fold()

const source = await readSource()
element('origin', HTMLElement).textContent =
  source.notice ?? `Models come from ${new URL(source.endpoint, location.href).host}.`
const models = new ModelPanel(source)
new Desk(models)
await models.restore()
