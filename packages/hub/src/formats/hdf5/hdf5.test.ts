import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readHdf5 } from './index'

const folder = new URL('../fixture/frameworks/', import.meta.url)
const open = (name: string) => new Blob([readFileSync(new URL(name, folder))])
const truth: Record<string, { shape: number[]; hex: string }> = JSON.parse(
  readFileSync(new URL('layouts.json', folder), 'utf8'),
)

describe.each(['layouts.h5', 'layouts-latest.h5'])('%s, as h5py wrote it', async (file) => {
  const { datasets } = await readHdf5(file, open(file))
  const expected = Object.keys(truth).filter((name) => name.startsWith(`${file}/`))

  test('has every dataset', () => {
    expect(datasets.map(({ path }) => `${file}/${path.join('/')}`).toSorted()).toEqual(expected.toSorted())
  })

  test.each(datasets.map((dataset) => [dataset.path.join('/'), dataset] as const))(
    '%s',
    async (name, dataset) => {
      const { blob, offset, length, decode, shape } = dataset
      const bytes = new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer())
      const { shape: expectedShape, hex } = truth[`${file}/${name}`]!
      expect(shape).toEqual(expectedShape)
      expect(Buffer.from(decode?.(bytes) ?? bytes).toString('hex')).toBe(hex)
    },
  )
})
