import { afterEach, expect, test, vi } from 'vitest'
import { Engine } from './engine'
import { type Samples, sampleProgram, samplesFor } from './samples'

const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
afterEach(() => warn.mockClear())

const opened = (samples: Samples) => new Engine().open({ device: 'webgpu', samples })
const { plain, fused } = samplesFor('webgpu')

test('kernels that are right are used', async () => {
  expect(await opened({ plain, fused })).toMatchObject({ device: 'webgpu', fused: true })
  expect(warn).not.toHaveBeenCalled()
})

test('a kernel that is wrong means plain operations, and a warning', async () => {
  // Attention over one head in place of two: what a wrong kernel gives is of the right shape, too.
  const wrong = sampleProgram('webgpu', 1)
  expect(await opened({ plain, fused: wrong })).toMatchObject({ fused: false })
  expect(warn).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('plain operations are used instead'))
})

test('a kernel that fails means plain operations, too', async () => {
  const broken = { ...fused!, onnx: fused!.onnx.slice(0, -9) }
  expect(await opened({ plain, fused: broken })).toMatchObject({ fused: false })
})
