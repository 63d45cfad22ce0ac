/** @file What is looked for, and which model is chosen for it; remembered between visits. */
import type { Device } from 'webformers'
import { element } from '../../shared/dom'
import type { Choice } from './models'
import { VIEWS, type View, ways } from './views'

const KEPT = 'look'
const MODELS = ['suggested', 'repository'] as const
type Model = (typeof MODELS)[number]

interface Kept {
  view?: View
  device?: string
  models?: Partial<Record<View, Model>>
  repositories?: Partial<Record<View, string>>
}

/**
 * @param onChange told when something else is chosen
 * @returns a function that gives the choice; nothing while it is not complete
 */
export function modelForm(onChange: () => void): () => Choice | undefined {
  const form = element('model', HTMLFormElement)
  const views = element('views', HTMLFieldSetElement)
  const repository = element('repository', HTMLInputElement)
  const device = element('device', HTMLSelectElement)
  const radio = (within: HTMLElement, value: string) =>
    within.querySelector<HTMLInputElement>(`[type=radio][value=${value}]`)!
  const kept = JSON.parse(localStorage.getItem(KEPT) ?? '{}') as Kept
  const view = () => VIEWS.find((each) => radio(views, each).checked)!
  const model = () => MODELS.find((each) => radio(form, each).checked)!

  for (const option of device.options) option.disabled = option.value === 'webgpu' && !('gpu' in navigator)
  if (kept.view) radio(views, kept.view).checked = true
  if (kept.device) device.value = kept.device
  if (device.selectedOptions[0]?.disabled) device.value = 'auto'
  recall()

  /** What was chosen for this view. */
  function recall() {
    radio(form, kept.models?.[view()] ?? 'suggested').checked = true
    repository.value = kept.repositories?.[view()] ?? ''
    show()
  }

  function show() {
    const { suggested, kind } = ways[view()]
    element('suggested-name', HTMLElement).textContent = suggested.repository.split('/').at(-1)!
    element('suggested', HTMLElement).textContent = `${suggested.megabytes} MB, downloaded once`
    element('kind', HTMLElement).textContent = kind
    element('repository-field', HTMLElement).hidden = model() !== 'repository'
    repository.required = model() === 'repository'
  }

  function changed() {
    kept.view = view()
    kept.device = device.value
    kept.models = { ...kept.models, [view()]: model() }
    kept.repositories = { ...kept.repositories, [view()]: repository.value }
    localStorage.setItem(KEPT, JSON.stringify(kept))
    show()
    onChange()
  }
  views.addEventListener('change', () => {
    recall()
    changed()
  })
  form.addEventListener('change', changed)

  return () => {
    const common = { view: view(), device: device.value as 'auto' | Device }
    const name = model() === 'suggested' ? ways[view()].suggested.repository : repository.value.trim()
    return name === '' || !form.checkValidity() ? undefined : { ...common, repository: name }
  }
}
