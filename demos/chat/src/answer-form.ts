/** @file How answers are written: their temperature, and whether they are JSON. */
import { element } from '../../shared/dom'
import type { AnswerSettings } from './answer'

const KEPT = 'chat-answers'

/** @returns a function that gives what is set */
export function answerForm(): () => AnswerSettings {
  const temperature = element('temperature', HTMLInputElement)
  const json = element('json', HTMLInputElement)
  const settings = () => ({ temperature: temperature.valueAsNumber, json: json.checked })
  const kept = JSON.parse(localStorage.getItem(KEPT) ?? '{}') as Partial<AnswerSettings>
  if (kept.temperature !== undefined) temperature.valueAsNumber = kept.temperature
  json.checked = kept.json ?? false
  function changed() {
    element('temperature-value', HTMLOutputElement).textContent = temperature.valueAsNumber.toFixed(1)
    localStorage.setItem(KEPT, JSON.stringify(settings()))
  }
  for (const setting of [temperature, json]) setting.addEventListener('input', changed)
  changed()
  return settings
}
