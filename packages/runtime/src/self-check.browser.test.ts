import { afterEach, expect, test, vi } from 'vitest'
import { Engine } from './engine'
import { fusedKernelsAgree, type SelfCheck, sampleProgram } from './self-check'

const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
afterEach(() => warn.mockClear())

const opened = (check?: SelfCheck) => new Engine(check).open({ device: 'webgpu' })
const [fused, plain] = [sampleProgram('webgpu'), sampleProgram('wasm')]

test('kernels that are right are used', async () => {
  expect(await opened()).toMatchObject({ device: 'webgpu', fused: true })
  expect(warn).not.toHaveBeenCalled()
})

test('a kernel that is wrong means plain operations, and a warning', async () => {
  // Attention over one head in place of two: what a wrong kernel gives is of the right shape, too.
  const wrong = sampleProgram('webgpu', 1)
  const { fused } = await opened((runtime) => fusedKernelsAgree(runtime, { fused: wrong, plain }))
  expect(fused).toBe(false)
  expect(warn).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('plain operations are used instead'))
})

test('a kernel that fails means plain operations, too', async () => {
  const broken = { ...fused, onnx: fused.onnx.slice(0, -9) }
  expect(await opened((runtime) => fusedKernelsAgree(runtime, { fused: broken, plain }))).toMatchObject({
    fused: false,
  })
})
