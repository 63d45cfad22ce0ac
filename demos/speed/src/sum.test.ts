import { expect, test } from 'vitest'
import { sumOver } from './sum'

test('the sum of what lies between two places', () => {
  const memory = new WebAssembly.Memory({ initial: 1 })
  new BigInt64Array(memory.buffer).set(Array.from({ length: 32 }, (_, i) => BigInt(i + 1)))
  const sum = sumOver(memory)
  expect(sum(0, 256)).toBe(528n) // 1 + … + 32
  expect(sum(64, 128)).toBe(100n) // 9 + … + 16
})
