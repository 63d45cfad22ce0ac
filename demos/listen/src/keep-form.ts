/** @file Ways to take a transcript away. */
import { element } from '../../shared/dom'
import { srt, textOf, vtt } from './captions'
import type { Word } from './passages'

/** @param words gives what there is, and `name` what it is of */
export function keepForm({ words, name }: { words: () => readonly Word[]; name: () => string }): void {
  const status = element('kept', HTMLElement)
  const files = {
    text: { suffix: 'txt', type: 'text/plain', write: (all: readonly Word[]) => `${textOf(all)}\n` },
    srt: { suffix: 'srt', type: 'application/x-subrip', write: srt },
    vtt: { suffix: 'vtt', type: 'text/vtt', write: vtt },
  }
  element('copy', HTMLButtonElement).addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(textOf(words()))
      status.textContent = 'Copied.'
    } catch {
      status.textContent = 'The browser does not let this page copy. Select the text and copy it.'
    }
  })
  for (const [id, { suffix, type, write }] of Object.entries(files))
    element(id, HTMLButtonElement).addEventListener('click', () => {
      const link = document.createElement('a')
      link.href = URL.createObjectURL(new Blob([write(words())], { type }))
      link.download = `${name().replace(/\.[^.]+$/, '')}.${suffix}`
      link.click()
      URL.revokeObjectURL(link.href)
      status.textContent = `Saved as ${link.download}.`
    })
}
