/** @file What OWL-ViT and OWLv2 find where an image tells what to look for, as `image_guided_detection` in Python. */

import { finish } from '@webformers/graph'
import type { TestDevice } from '@webformers/runtime/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { traceModel } from '../index'
import {
  expectClose,
  expectPlacedOn,
  feedsOf,
  openDevice,
  readFixture,
  readTensors,
} from '../testing/fixtures'

describe.each(['wasm', 'webgpu'] as const)('%s', (device) => {
  let opened: TestDevice
  beforeAll(async () => {
    opened = await openDevice(device)
  }, 120_000)
  afterAll(() => opened[Symbol.asyncDispose]())

  test.each(['owlvit/object-detection', 'owlv2/object-detection'])('%s, by images', async (name) => {
    const { architecture, config, head, weights, inputs } = await readFixture(name)
    const recorded = Object.entries(await readTensors(name, 'image-guided.safetensors'))
    const expected = Object.fromEntries(
      recorded.flatMap(([key, x]) =>
        key.startsWith('expected.') ? [[key.replace('expected.', ''), x]] : [],
      ),
    )
    const target = { device, fused: true, compute: 'float32', weights: 'float32' } as const
    const program = finish(
      traceModel(architecture, head, config, Object.keys(expected), target, {
        given: ['query_pixel_values'],
      }),
    )
    expect(Object.keys(program.inputs)).toEqual(['pixel_values', 'query_pixel_values'])
    const feeds = feedsOf(Object.keys(program.inputs), { ...inputs, ...Object.fromEntries(recorded) })
    const execution = await opened.run(program, weights, feeds)
    expectClose(execution.outputs, expected)
    expectPlacedOn(device, execution)
  })
})
