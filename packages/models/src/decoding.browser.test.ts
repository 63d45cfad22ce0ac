/** @file Generation from a cache: tokens and inner values as Python has them, of prompts of unequal lengths in one batch. */
import { finish } from '@webformers/graph'
import type { TestDevice } from '@webformers/runtime/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listNames, traceDecoding } from './index'
import { expectClose, openDevice, readFixture } from './testing/fixtures'
import { asked, cropped, generating, namedSteps, readGeneration } from './testing/generation'

/** Of those that a GPU has for attention with a cache: none serves, one does, one does that shares keys, one does over an encoder,
 * and an encoder's. */
const kernels = [
  'llama/causal-lm',
  'gpt2/causal-lm',
  'phi3/causal-lm',
  'bart/conditional-generation',
  't5/conditional-generation',
]

describe.each(['wasm', 'webgpu'] as const)('%s', (device) => {
  let opened: TestDevice
  beforeAll(async () => {
    opened = await openDevice(device)
  }, 120_000)
  afterAll(() => opened[Symbol.asyncDispose]())

  const cases =
    device === 'wasm'
      ? generating.flatMap((name) => [true, false].map((fused) => ({ name, fused })))
      : kernels.map((name) => ({ name, fused: true }))
  test.each(cases)('$name goes on as in Python, fused: $fused', async ({ name, fused }) => {
    const { architecture, config, head, weights } = await readFixture(name)
    const { recorded, searches, values } = await readGeneration(name)
    const target = { device, fused, compute: 'float32', weights: 'float32' } as const
    const lists = (['hidden_states', 'attentions'] as const).flatMap((kind) =>
      listNames(architecture, head, config, kind).filter((list) => !list.startsWith('encoder_')),
    )
    const load = (outputs: readonly string[]) =>
      opened.client.decode(finish(traceDecoding(architecture, head, config, outputs, target)), weights)

    using loaded = await load(['logits'])
    for (const [kind, changes] of Object.entries(searches)) {
      const { prompt, request } = asked(recorded, config, changes)
      const { sequences } = await loaded.generate(prompt, request)
      expect(
        sequences.map((row) => [...row]),
        kind,
      ).toEqual(recorded[kind as keyof typeof searches])
    }

    using telling = await load(['logits', ...lists])
    const [prompts, tokens] = [3, 3]
    const { prompt, request } = asked(recorded, config, { output_logits: true }, { prompts, tokens })
    const { logits, steps } = await telling.generate(prompt, request)
    expectClose(cropped(namedSteps(logits!, steps!, prompts), values), values)
  })
})
