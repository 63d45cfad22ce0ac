/** @file Which model: the suggested one, another of the Hub, or a file that is chosen or dropped. */
import type { Device } from 'webformers'
import { element } from '../../shared/dom'
import type { ModelChoice, ModelSource } from './model'

const CHOICES = ['suggested', 'repository', 'file'] as const

/** What is remembered of the form between visits; a file has to be chosen anew. */
const KEPT = 'chat-model'

/**
 * @param onChange told when something else is chosen
 * @returns a function that gives the choice; nothing while it is not complete
 */
export function modelForm(suggested: ModelSource, onChange: () => void): () => ModelChoice | undefined {
  const form = element('settings', HTMLFormElement)
  const repository = element('repository', HTMLInputElement)
  const ggufName = element('gguf-name', HTMLInputElement)
  const file = element('file', HTMLInputElement)
  const device = element('device', HTMLSelectElement)
  const radios = CHOICES.map((value) => form.querySelector<HTMLInputElement>(`[name=model][value=${value}]`)!)
  const chosen = () => CHOICES[radios.findIndex((radio) => radio.checked)]!

  element('suggested-name', HTMLElement).textContent = suggested.repository.split('/').at(-1)!
  for (const option of device.options) option.disabled = option.value === 'webgpu' && !('gpu' in navigator)
  recall()

  function recall() {
    const kept = JSON.parse(localStorage.getItem(KEPT) ?? '{}') as Record<string, string>
    repository.value = kept.repository ?? ''
    ggufName.value = kept.ggufName ?? ''
    if (kept.chosen === 'repository') radios[1]!.checked = true
    if (kept.device) device.value = kept.device
    if (device.selectedOptions[0]?.disabled) device.value = 'auto'
    show()
  }

  function show() {
    element('repository-settings', HTMLElement).hidden = chosen() !== 'repository'
    element('file-settings', HTMLElement).hidden = chosen() !== 'file'
    repository.required = chosen() === 'repository'
    file.required = chosen() === 'file'
  }

  function changed() {
    show()
    const kept = {
      chosen: chosen(),
      repository: repository.value,
      ggufName: ggufName.value,
      device: device.value,
    }
    localStorage.setItem(KEPT, JSON.stringify(kept))
    onChange()
  }
  for (const each of [...radios, repository, ggufName, file, device]) each.addEventListener('change', changed)

  document.addEventListener('dragover', (event) => {
    if (event.dataTransfer?.types.includes('Files')) event.preventDefault()
  })
  document.addEventListener('drop', (event) => {
    const { files } = event.dataTransfer ?? {}
    if (!files?.length) return
    event.preventDefault()
    if (file.matches(':disabled')) return
    radios[2]!.checked = true
    file.files = files
    element('settings-panel', HTMLDetailsElement).open = true
    changed()
  })

  /** The files of a choice are one object, by which the choice is known again. */
  let given: { readonly file: File; readonly source: Record<string, Blob> } | undefined

  return () => {
    const common = { device: device.value as 'auto' | Device }
    switch (chosen()) {
      case 'suggested':
        return {
          ...common,
          name: suggested.repository,
          source: suggested.repository,
          ggufFile: suggested.ggufFile,
        }
      case 'repository': {
        const name = repository.value.trim()
        const ggufFile = ggufName.value.trim() || undefined
        return name === '' || !form.checkValidity() ? undefined : { ...common, name, source: name, ggufFile }
      }
      case 'file': {
        const [own] = file.files ?? []
        if (!own) return undefined
        if (given?.file !== own) given = { file: own, source: { [own.name]: own } }
        return { ...common, name: own.name, source: given.source, ggufFile: own.name }
      }
    }
  }
}
