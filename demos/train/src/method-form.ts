/** @file Which base, and how it is trained. */
import { element } from '../../shared/dom'
import { type Base, type BaseName, baseOf, type Method, type ModelSource } from './bases'

export interface MethodSettings {
  readonly base: Base
  readonly method: Method
  readonly epochs: number
  readonly batchSize: number
  readonly learningRate: number
}

/** @returns a function that gives what is set */
export function methodForm(source: ModelSource): () => MethodSettings {
  const form = element('settings', HTMLFormElement)
  const other = element('other', HTMLInputElement)
  const rate = element('rate', HTMLInputElement)
  const chosen = (name: string) => new FormData(form).get(name) as string
  const base = () => baseOf(chosen('base') as BaseName, source, other.value.trim())
  const method = () => chosen('method') as Method

  /** What suits the base and the method, until somebody says otherwise. */
  let suits = true
  function suggest() {
    const named = chosen('base') === 'other'
    element('other-settings', HTMLElement).hidden = !named
    other.required = named
    if (suits) rate.value = String(base().learningRates[method()])
  }

  element('repository-name', HTMLElement).textContent = source.repository.split('/').at(-1)!
  form.addEventListener('change', suggest)
  rate.addEventListener('input', () => {
    suits = rate.value === ''
  })
  suggest()

  return () => ({
    base: base(),
    method: method(),
    epochs: element('epochs', HTMLInputElement).valueAsNumber,
    batchSize: element('batch', HTMLInputElement).valueAsNumber,
    learningRate: Number(rate.value),
  })
}
