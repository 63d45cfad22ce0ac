/** @file Puts the page together: the service worker, the form that downloads, and the list of what is kept. */
import '../../shared/theme.css'
import '../../shared/frame.css'
import './style.css'
import { element } from '../../shared/dom'
import { register } from '../../shared/register'
import { modelList } from './model-list'
import { prefetchPanel } from './prefetch-panel'

/** What model.json says. A server near the page may answer with its own: see e2e/serve-demos.mjs. */
interface ModelSource {
  readonly repository: string
  /** The Hub, or the address of a mirror. */
  readonly endpoint: string
  /** Why it is not the Hub. */
  readonly notice?: string
}

await register((changeOver) => {
  element('update', HTMLElement).hidden = false
  element('change-over', HTMLButtonElement).onclick = changeOver
})

const { repository, endpoint, notice }: ModelSource = await (await fetch('./model.json')).json()
const host = new URL(endpoint, location.href).host
element('origin', HTMLElement).textContent = notice ?? `Models come from ${host}.`
element('repository', HTMLInputElement).value = repository

const refresh = modelList(endpoint)
prefetchPanel(endpoint, refresh)
await refresh()
// Another tab may have loaded something meanwhile.
document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && refresh())
