import { expect, test } from 'vitest'
import { guessColumns, labelledTexts, readTable, TableError } from './table'

const table = (csv: string) => readTable('a.csv', new Blob([csv]))
const lines = (line: (i: number) => string, count = 12) =>
  Array.from({ length: count }, (_, i) => line(i)).join('\n')

test('columns are found by their names', async () => {
  const { text, label } = guessColumns(
    await table(`id,label,text\n${lines((i) => `${i},${i % 2},words ${i}`)}`),
  )
  expect({ text, label }).toEqual({ text: 'text', label: 'label' })
})

test('columns are found by what they hold', async () => {
  const found = guessColumns(
    await table(
      `n,verdict,note,what\n${lines((i) => `${i},${i % 3 ? 'yes' : 'no'},n${i},a longer text ${i}`)}`,
    ),
  )
  expect(found).toEqual({ text: 'what', label: 'verdict' })
})

test('labels are numbered in their order, rows without one are left out', async () => {
  const csv = `text,label\n${lines((i) => `words ${i},${['spam', 'ham', ''][i % 3]}`)}`
  const { rows, names, counts } = labelledTexts(await table(csv), { text: 'text', label: 'label' })
  expect(names).toEqual(['ham', 'spam'])
  expect(counts).toEqual([4, 4])
  expect(rows.at(0)).toEqual({ text: 'words 0', label: 1 })
  expect(rows.length).toBe(8)
})

test.each([
  ['text,label\na,b\n', /1 rows/],
  [`text\n${lines(String)}`, /the columns text\./],
])('%j is no table', async (csv, message) => {
  await expect(table(csv)).rejects.toThrow(message)
})

test('a label for each text is none', async () => {
  const one = await table(`text,label\n${lines((i) => `words ${i},x`)}`)
  expect(() => labelledTexts(one, { text: 'text', label: 'label' })).toThrow(TableError)
  const many = await table(`text,label\n${lines((i) => `words,${i}`, 300)}`)
  expect(() => labelledTexts(many, { text: 'text', label: 'label' })).toThrow(/300 different values/)
})
