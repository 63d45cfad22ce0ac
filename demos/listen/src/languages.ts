/** @file The languages that Whisper writes, by their names in the reader's own. */

const CODES =
  'en zh de es ru ko fr ja pt tr pl ca nl ar sv it id hi fi vi he uk el ms cs ro da hu ta no th ur hr bg lt la mi ml cy sk te ' +
  'fa lv bn sr az sl kn et mk br eu is hy ne mn bs kk sq sw gl mr pa si km sn yo so af oc ka be tg sd gu am yi lo uz fo ht ps ' +
  'tk nn mt sa lb my bo tl mg as tt haw ln ha ba jw su'

/** Fill a list in with them, after what it has. */
export function listLanguages(list: HTMLSelectElement): void {
  const names = new Intl.DisplayNames(navigator.languages, { type: 'language' })
  const code = (whisper: string) => (whisper === 'jw' ? 'jv' : whisper) // Whisper's own spelling of Javanese
  const options = CODES.split(' ').map((value) => new Option(names.of(code(value)) ?? value, value))
  list.append(...options.sort((a, b) => a.text.localeCompare(b.text)))
}
