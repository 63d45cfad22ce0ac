import { expect, test } from 'vitest'
import { type AdapterDescription, chooseDevice, describeAdapter } from './adapter'

const info = (given: Partial<GPUAdapterInfo>) =>
  ({
    info: { vendor: '', architecture: '', description: '', isFallbackAdapter: false, ...given },
  }) as GPUAdapter
const real = describeAdapter(info({ vendor: 'nvidia', architecture: 'ampere' }))

test('a software adapter is known by its name or its flag', () => {
  expect(real).toEqual({ vendor: 'nvidia', architecture: 'ampere', description: '', software: false })
  expect(describeAdapter(info({ vendor: 'google', architecture: 'swiftshader' })).software).toBe(true)
  expect(describeAdapter(info({ vendor: 'mesa', description: 'llvmpipe (LLVM 17)' })).software).toBe(true)
  expect(describeAdapter(info({ isFallbackAdapter: true })).software).toBe(true)
})

test.each<[string, number, AdapterDescription | undefined, string]>([
  ['a small encoder', 90e6, real, 'wasm'],
  ['a large model', 500e6, real, 'webgpu'],
  ['a large model without a GPU', 500e6, undefined, 'wasm'],
  ['a large model on a software adapter', 500e6, { ...real, software: true }, 'wasm'],
])('%s', (_, parameterBytes, adapter, device) => {
  expect(chooseDevice({ parameterBytes, adapter })).toBe(device)
})
