/** @file Where the trained model can go: a zip, a folder, the Hub. */

import { element } from '../../shared/dom'
import { inWords } from '../../shared/failure'
import type { Session } from './session'

/** @returns a function that is told whose model it is; `undefined` while there is none to keep */
export function keepForm(): (session: Session | undefined) => void {
  const section = element('keep', HTMLElement)
  const whole = element('whole', HTMLInputElement)
  const folder = element('folder', HTMLButtonElement)
  const kept = element('kept', HTMLElement)
  const token = element('push-token', HTMLInputElement)
  const buttons = ['zip', 'folder', 'push-button'].map((id) => element(id, HTMLButtonElement))
  let session: Session | undefined

  async function keep(doing: string, work: (session: Session) => Promise<string>): Promise<void> {
    if (!session) return
    for (const button of buttons) button.disabled = true
    kept.classList.remove('alarm')
    kept.textContent = doing
    try {
      kept.textContent = await work(session)
    } catch (error) {
      // Who closes the picker has changed their mind.
      const cancelled = error instanceof DOMException && error.name === 'AbortError'
      kept.classList.toggle('alarm', !cancelled)
      kept.textContent = cancelled ? 'Nothing was saved.' : inWords(error)
    } finally {
      for (const button of buttons) button.disabled = false
    }
  }

  folder.hidden = !('showDirectoryPicker' in window)
  element('zip', HTMLButtonElement).onclick = () =>
    keep('Writing the archive', async (of) => {
      await of.save('trained-model.zip', whole.checked)
      return 'The archive is among your downloads.'
    })
  folder.onclick = () =>
    keep('Choosing a folder', async (of) => {
      const directory = await window.showDirectoryPicker({ mode: 'readwrite' })
      kept.textContent = 'Saving'
      await of.save(directory, whole.checked)
      return `Saved in “${directory.name}”.`
    })
  element('push', HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault()
    const name = element('push-name', HTMLInputElement).value.trim()
    const isPrivate = element('push-private', HTMLInputElement).checked
    void keep('Pushing', async (of) => {
      const { commitUrl } = await of.push(name, token.value, isPrivate, whole.checked)
      token.value = ''
      return `Pushed: ${commitUrl}`
    })
  })

  return (next) => {
    session = next
    section.hidden = next === undefined
    element('whole-setting', HTMLElement).hidden = next?.settings.method !== 'lora'
  }
}
