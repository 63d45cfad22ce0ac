/** @file Which model listens, on what, and in which manner; remembered between visits. */
import type { Device } from 'webformers'
import { element } from '../../shared/dom'
import { listLanguages } from './languages'
import type { Manner, ModelChoice, ModelSource } from './recognizer'

const KEPT = 'listen'
const CHOICES = ['suggested', 'larger', 'repository'] as const

/** Downloads of the Hub, in MB. */
const SIZES: Readonly<Record<string, number>> = {
  'openai/whisper-tiny': 151,
  'openai/whisper-base': 290,
}
const LARGER = 'openai/whisper-base'

interface Kept {
  readonly chosen?: (typeof CHOICES)[number]
  readonly repository?: string
  readonly device?: string
  readonly language?: string
  readonly task?: Manner['task']
}

export interface Settings {
  /** Nothing while the choice is not complete. */
  choice(): ModelChoice | undefined
  manner(): Manner
  /** @param multilingual whether the model can be told a language and a task */
  showManner(multilingual: boolean): void
}

/** @param onChange told when another model is chosen, or while one is being named */
export function settingsForm(suggested: ModelSource, onChange: (naming: boolean) => void): Settings {
  const form = element('settings', HTMLFormElement)
  const repository = element('repository', HTMLInputElement)
  const device = element('device', HTMLSelectElement)
  const language = element('language', HTMLSelectElement)
  const manner = element('manner', HTMLFieldSetElement)
  const radios = CHOICES.map((value) => form.querySelector<HTMLInputElement>(`[name=model][value=${value}]`)!)
  const translate = form.querySelector<HTMLInputElement>('[name=task][value=translate]')!
  const chosen = () => CHOICES[radios.findIndex((radio) => radio.checked)]!

  const size = SIZES[suggested.repository]
  element('suggested-name', HTMLElement).textContent = suggested.repository.split('/').at(-1)!
  if (size) element('suggested-size', HTMLElement).textContent = `${size} MB, downloaded once; 99 languages`
  element('larger-size', HTMLElement).textContent = `${SIZES[LARGER]} MB, slower; understands more`
  // A mirror has what it says and no more.
  const fromHub = suggested.notice === undefined
  element('larger-choice', HTMLElement).hidden = !fromHub || suggested.repository === LARGER
  for (const option of device.options) option.disabled = option.value === 'webgpu' && !('gpu' in navigator)
  listLanguages(language)
  recall()

  function recall() {
    const kept = JSON.parse(localStorage.getItem(KEPT) ?? '{}') as Kept
    repository.value = kept.repository ?? ''
    if (kept.chosen && (kept.chosen !== 'larger' || fromHub))
      radios[CHOICES.indexOf(kept.chosen)]!.checked = true
    if (kept.device) device.value = kept.device
    if (device.selectedOptions[0]?.disabled) device.value = 'auto'
    if (kept.language) language.value = kept.language
    translate.checked = kept.task === 'translate'
    show()
  }

  function show() {
    element('repository-settings', HTMLElement).hidden = chosen() !== 'repository'
    repository.required = chosen() === 'repository'
  }

  function keep() {
    const kept: Kept = {
      chosen: chosen(),
      repository: repository.value,
      device: device.value,
      language: language.value,
      task: translate.checked ? 'translate' : 'transcribe',
    }
    localStorage.setItem(KEPT, JSON.stringify(kept))
  }
  form.addEventListener('change', ({ target }) => {
    show()
    keep()
    if (!manner.contains(target as Node)) onChange(target === repository)
  })

  return {
    choice() {
      const names = { suggested: suggested.repository, larger: LARGER, repository: repository.value.trim() }
      const name = names[chosen()]
      return name === '' || !form.checkValidity()
        ? undefined
        : { repository: name, device: device.value as 'auto' | Device }
    },
    manner: () => ({
      ...(language.value && { language: language.value }),
      task: translate.checked ? 'translate' : 'transcribe',
    }),
    showManner(multilingual) {
      manner.disabled = !multilingual
      element('one-language', HTMLElement).hidden = multilingual
    },
  }
}
