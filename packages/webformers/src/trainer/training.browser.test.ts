/** @file Whole trainings against Python's Trainer, with the same data, order and arguments, on both devices. */
import { describe, expect, test } from 'vitest'
import type { Tensor } from '../tensor'
import {
  type CaseName,
  cases,
  expectSteps,
  expectWeights,
  openUndropped,
  trainerOf,
} from '../testing/training'

const architectures = ['bert', 'gpt2', 't5', 'vit'] as const
const others = ['masked-lm', 'adafactor', 'sgd', 'smoothed-t5', 'new-words'] as const
const everywhere: [CaseName, 'wasm' | 'webgpu'][] = [
  ...[...architectures, ...others].map((name): [CaseName, 'wasm'] => [name, 'wasm']),
  ...architectures.map((name): [CaseName, 'webgpu'] => [name, 'webgpu']),
]

describe('trained as in Python', { timeout: 180_000 }, () => {
  test.each(everywhere)('%s on %s', async (name, device) => {
    const truth = cases[name]
    await using model = await openUndropped(truth.model, device)
    const { trainer, evalDataset } = await trainerOf(name, model)
    const { trainingLoss } = await trainer.train()
    expectSteps(trainer, truth, device === 'webgpu' ? 2e-3 : 1e-3)
    expect(Math.abs(trainingLoss - truth.train_loss)).toBeLessThan(1e-3 * truth.train_loss)
    await expectWeights(model, truth)

    if (truth.eval_loss !== undefined) {
      const { eval_loss } = await trainer.evaluate()
      expect(Math.abs(eval_loss! - truth.eval_loss)).toBeLessThan(1e-3 * truth.eval_loss)
    }
    if (!truth.predictions) return
    const { predictions, labelIds, metrics } = await trainer.predict(evalDataset)
    const { data, shape } = predictions as Tensor<'float32'>
    expect(shape).toEqual(truth.predictions.shape)
    const { values } = truth.predictions
    expect(Math.max(...values.map((value, i) => Math.abs(data[i]! - value)))).toBeLessThan(2e-3)
    expect(Array.from((labelIds as Tensor).data, Number)).toEqual(truth.label_ids)
    expect(metrics.test_accuracy).toBeCloseTo(truth.accuracy!, 9)
  })
})
