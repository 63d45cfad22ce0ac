import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { FUZZ_COUNT, fuzzCheckpoint } from '../testing/fuzz'

const seeds = (...names: string[]) =>
  names.map((name) => readFileSync(new URL(`./fixture/frameworks/${name}`, import.meta.url)))

const tried = (outcomes: Record<string, number>) =>
  Object.values(outcomes).reduce((sum, count) => sum + count)

test('damaged HDF5 files give tensors or a typed error', async () => {
  const files = seeds('bert-classification/tf_model.h5', 'layouts.h5', 'layouts.h5', 'layouts-latest.h5')
  const outcomes = await fuzzCheckpoint('tf_model.h5', files)
  expect(tried(outcomes)).toBe(FUZZ_COUNT)
  expect(outcomes.CorruptCheckpointError).toBeGreaterThan(FUZZ_COUNT / 10)
  expect(outcomes.TruncatedFileError).toBeGreaterThan(0)
}, 3_600_000)

test('damaged Flax checkpoints give tensors or a typed error', async () => {
  const files = seeds(
    'bert-classification/flax_model.msgpack',
    'flax-bfloat16.msgpack',
    'flax-chunked.msgpack',
    'flax-types.msgpack',
  )
  const outcomes = await fuzzCheckpoint('flax_model.msgpack', files)
  expect(tried(outcomes)).toBe(FUZZ_COUNT)
  expect(outcomes.CorruptCheckpointError).toBeGreaterThan(FUZZ_COUNT / 10)
  expect(outcomes.TruncatedFileError).toBeGreaterThan(0)
}, 3_600_000)
