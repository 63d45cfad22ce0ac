/** @file Which texts: the mails that lie here, or a CSV file that is chosen or dropped, and its columns. */
import { element, make } from '../../shared/dom'
import { embeddedMails } from '../../shared/embedded'
import { inWords } from '../../shared/failure'
import { guessColumns, type LabelledTexts, labelledTexts, readTable, type Table } from './table'

const count = (n: number) => n.toLocaleString('en')

/** Labels beyond these are not listed. */
const LISTED = 4

/** @returns a function that gives the texts; it throws what is wrong with them */
export function dataForm(): () => Promise<LabelledTexts> {
  const [mails, own] = document.querySelectorAll<HTMLInputElement>('[name=data]')
  const file = element('file', HTMLInputElement)
  const columns = element('columns', HTMLElement)
  const text = element('text-column', HTMLSelectElement)
  const label = element('label-column', HTMLSelectElement)
  const summary = element('data-summary', HTMLElement)
  let table: Table | undefined
  let texts: LabelledTexts | undefined
  let turn = 0

  function say(words: string, alarm = false) {
    summary.textContent = words
    summary.classList.toggle('alarm', alarm)
  }

  /** Only the newest choice may speak. */
  async function look(work: () => Promise<LabelledTexts | undefined>): Promise<void> {
    turn += 1
    const mine = turn
    texts = undefined
    say('Reading')
    try {
      const found = await work()
      if (mine !== turn) return
      texts = found
      say(found ? inSummary(found) : 'The first line names the columns.')
    } catch (error) {
      if (mine === turn) say(inWords(error), true)
    }
  }

  const chosenColumns = () => ({ text: text.value, label: label.value })

  async function readFile(chosen: File | undefined): Promise<LabelledTexts | undefined> {
    columns.hidden = true
    table = undefined
    if (!chosen) return undefined
    const read = await readTable(chosen.name, chosen)
    table = read
    const guess = guessColumns(read)
    for (const [select, name] of [
      [text, guess.text],
      [label, guess.label],
    ] as const) {
      select.replaceChildren(...read.rows.columnNames.map((column) => make('option', {}, column)))
      select.value = name
    }
    columns.hidden = false
    return labelledTexts(read, guess)
  }

  async function readMails(): Promise<LabelledTexts> {
    return labelledTexts(await readTable('The mails', await embeddedMails()), {
      text: 'text',
      label: 'label',
    })
  }

  function choose() {
    element('file-settings', HTMLElement).hidden = !own!.checked
    void look(own!.checked ? () => readFile(file.files?.[0]) : readMails)
  }

  for (const choice of [mails!, own!, file]) choice.addEventListener('change', choose)
  for (const select of [text, label])
    select.addEventListener('change', () => look(async () => table && labelledTexts(table, chosenColumns())))

  document.addEventListener('dragover', (event) => {
    if (event.dataTransfer?.types.includes('Files')) event.preventDefault()
  })
  document.addEventListener('drop', (event) => {
    const { files } = event.dataTransfer ?? {}
    if (!files?.length) return
    event.preventDefault()
    if (own!.disabled || own!.matches(':disabled')) return
    own!.checked = true
    file.files = files
    choose()
  })
  choose()

  return async () => {
    if (texts) return texts
    throw new Error(summary.classList.contains('alarm') ? summary.textContent! : 'Choose a CSV file first.')
  }
}

function inSummary({ rows, names, counts }: LabelledTexts): string {
  const order = names.map((_, i) => i).sort((a, b) => counts[b]! - counts[a]!)
  const listed = order.slice(0, LISTED).map((i) => `${names[i]} ${count(counts[i]!)}`)
  const more = names.length > LISTED ? `, and ${names.length - LISTED} others` : ''
  return `${count(rows.length)} texts: ${listed.join(', ')}${more}. A fifth is held out.`
}
