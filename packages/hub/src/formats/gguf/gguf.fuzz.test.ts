import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { FUZZ_COUNT, fuzzCheckpoint } from '../../testing/fuzz'
import { readGgufMetadata } from './metadata'

const names = ['llama', 'llama-k', 'gemma3', 'phi3', 'gpt2']
const seeds = names.map((name) => readFileSync(new URL(`./fixture/${name}.gguf`, import.meta.url)))
const ends = await Promise.all(
  seeds.map(async (seed) => {
    const { end } = await readGgufMetadata('seed.gguf', new Blob([seed]))
    return [seed.length, end] as const
  }),
)
/** The header and the keys; the tensors' names, types and places at their end; the whole. */
const structure = ({ length }: Uint8Array): [number, number][] => {
  const end = new Map(ends).get(length)!
  return [
    [0, 24],
    [0, end],
    [end - 800, end],
  ]
}

test('damaged GGUF files give tensors or a typed error', async () => {
  const outcomes = await fuzzCheckpoint('model.gguf', seeds, { structure })
  expect(Object.values(outcomes).reduce((sum, count) => sum + count)).toBe(FUZZ_COUNT)
  for (const outcome of [
    'loads',
    'CorruptCheckpointError',
    'TruncatedFileError',
    'UnsupportedCheckpointError',
  ])
    expect(outcomes[outcome], outcome).toBeGreaterThan(0)
}, 3_600_000)
