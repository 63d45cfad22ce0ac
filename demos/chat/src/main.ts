/** @file Puts the page together: the service worker, the settings, the model, the conversation. */
import '../../shared/theme.css'
import '../../shared/frame.css'
import '../../shared/controls.css'
import './style.css'
import './markdown.css'
import { element } from '../../shared/dom'
import { register } from '../../shared/register'
import { answerForm } from './answer-form'
import { Conversation } from './conversation'
import { readSource } from './model'
import { ModelPanel } from './model-panel'
import { talk } from './talk'

await register((changeOver) => {
  element('update', HTMLElement).hidden = false
  element('change-over', HTMLButtonElement).onclick = changeOver
})

/** On a wide screen the settings stand beside the conversation. */
const wide = matchMedia('(min-width: 56rem)')
const fold = () => {
  element('settings-panel', HTMLDetailsElement).open = wide.matches
}
wide.addEventListener('change', fold)
fold()

const [source, conversation] = await Promise.all([readSource(), Conversation.open()])
element('origin', HTMLElement).textContent =
  source.notice ?? `Models come from ${new URL(source.endpoint, location.href).host}.`
const models = new ModelPanel(source)
talk(conversation, models, answerForm())
await models.restore()
