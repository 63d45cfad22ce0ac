import { readFileSync } from 'node:fs'
import { finish } from '@webformers/graph'
import { expect, test } from 'vitest'
import { findArchitecture, traceTraining } from './index'

const json = JSON.parse(
  readFileSync(new URL('./bert/fixture/sequence-classification/config.json', import.meta.url), 'utf8'),
)

test('parameters of a group lie side by side, each group in the order of the module tree', async () => {
  const architecture = await findArchitecture('bert')
  const config = architecture.config(json)
  const trained = (groups?: string[][]) => {
    const target = { device: 'webgpu', fused: false, compute: 'float32', weights: 'float32' } as const
    const hooks = { loss: {}, dropout: true, groups }
    const head = 'ForSequenceClassification'
    const { trainable } = finish(traceTraining(architecture, head, config, ['logits'], hooks, target, 'flat'))
    return trainable.map(({ name }) => name)
  }
  const names = trained()
  const still = names.filter((name) => name.endsWith('bias') || name.includes('LayerNorm'))
  const decayed = names.filter((name) => !still.includes(name))
  expect(names).not.toEqual([...decayed, ...still])
  expect(trained([decayed.toReversed(), still])).toEqual([...decayed, ...still])
})
