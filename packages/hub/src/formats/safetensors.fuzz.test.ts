import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { FUZZ_COUNT, fuzzCheckpoint } from '../testing/fuzz'

const tiny = readFileSync(new URL('./fixture/tiny.safetensors', import.meta.url))
const header: [number, number] = [0, 8 + tiny.readUInt32LE(0)]

test('damaged safetensors files give tensors or a typed error', async () => {
  const outcomes = await fuzzCheckpoint('model.safetensors', [tiny], { structure: () => [header, [0, 8]] })
  expect(Object.values(outcomes).reduce((sum, count) => sum + count)).toBe(FUZZ_COUNT)
  expect(outcomes.CorruptCheckpointError).toBeGreaterThan(0)
  expect(outcomes.TruncatedFileError).toBeGreaterThan(0)
}, 600_000)
