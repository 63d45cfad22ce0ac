/** @file The keypoints that SuperPoint finds, as Python's `forward` chooses them from the scores of all pixels. */
import type { TestDevice } from '@webformers/runtime/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { outputNames, traceModel } from '../index'
import { expectClose, feedsOf, openDevice, readFixture, readTensors } from '../testing/fixtures'

describe.each(['wasm', 'webgpu'] as const)('%s', (device) => {
  let opened: TestDevice
  beforeAll(async () => {
    opened = await openDevice(device)
  }, 120_000)
  afterAll(() => opened[Symbol.asyncDispose]())

  test.each(['superpoint/two', 'superpoint/best'])('%s', async (name) => {
    const { architecture, config, head, weights, inputs } = await readFixture(name)
    const target = { device, fused: true, compute: 'float32', weights: 'float32' } as const
    const program = traceModel(architecture, head, config, outputNames(architecture, head, config), target)
    const { outputs } = await opened.run(program, weights, feedsOf(Object.keys(program.inputs), inputs))
    const found = architecture.settle!(outputs, config, inputs)
    expectClose(found, await readTensors(name, 'keypoints.safetensors'))
    expect(found.mask!.data).toBeInstanceOf(Int32Array)
  })
})
