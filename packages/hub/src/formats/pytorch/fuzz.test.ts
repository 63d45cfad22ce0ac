import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { FUZZ_COUNT, fuzzCheckpoint } from '../../testing/fuzz'

const read = (name: string) => readFileSync(new URL(`./fixture/${name}`, import.meta.url))
const total = (outcomes: Record<string, number>) =>
  Object.values(outcomes).reduce((sum, count) => sum + count)

/** Most often the pickle, then the first headers, the directory and the ends. */
function structureOfArchive(bytes: Uint8Array): [number, number][] {
  const text = Buffer.from(bytes).toString('latin1')
  const pickle = text.indexOf('.pkl') + 4
  const second = text.indexOf('PK\x03\x04', pickle)
  const third = text.indexOf('PK\x03\x04', second + 1)
  const directory = text.indexOf('PK\x01\x02')
  const inside: [number, number] = [pickle, second]
  return [
    inside,
    inside,
    inside,
    [0, 64],
    [second, second + 64],
    [third, third + 64],
    [directory, bytes.length],
  ]
}

test('damaged archives give tensors or a typed error', async () => {
  const seeds = ['types', 'views', 'tied', 'parameters', 'training', 'protocol-4', 'deflated'].map((name) =>
    read(`${name}.bin`),
  )
  const outcomes = await fuzzCheckpoint('pytorch_model.bin', seeds, { structure: structureOfArchive })
  expect(total(outcomes)).toBe(FUZZ_COUNT)
  for (const outcome of ['loads', 'CorruptCheckpointError', 'TruncatedFileError', 'UnsafeCheckpointError'])
    expect(outcomes[outcome], outcome).toBeGreaterThan(0)
  if (process.env.FUZZ) console.log('archives', outcomes)
}, 1_200_000)

test('damaged files of the older container give tensors or a typed error', async () => {
  const seeds = ['types', 'views', 'tied', 'parameters', 'training', 'norms', 'parts'].map((name) =>
    read(`${name}.legacy.bin`),
  )
  // The pickles come first, and the storages' keys behind them.
  const outcomes = await fuzzCheckpoint('pytorch_model.bin', seeds, {
    structure: ({ length }) => [[0, Math.floor(length * 0.8)]],
  })
  expect(total(outcomes)).toBe(FUZZ_COUNT)
  for (const outcome of ['loads', 'CorruptCheckpointError', 'TruncatedFileError', 'UnsafeCheckpointError'])
    expect(outcomes[outcome], outcome).toBeGreaterThan(0)
  if (process.env.FUZZ) console.log('older files', outcomes)
}, 1_200_000)
