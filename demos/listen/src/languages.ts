/** @file The languages that Whisper writes, by their names in the reader's own. */

import { whisperLanguages } from 'webformers'

/** Fill a list in with them, after what it has. */
export function listLanguages(list: HTMLSelectElement): void {
  const names = new Intl.DisplayNames(navigator.languages, { type: 'language' })
  const code = (whisper: string) => (whisper === 'jw' ? 'jv' : whisper) // Whisper's own spelling of Javanese
  const options = Object.keys(whisperLanguages).map(
    (value) => new Option(names.of(code(value)) ?? value, value),
  )
  list.append(...options.sort((a, b) => a.text.localeCompare(b.text)))
}
