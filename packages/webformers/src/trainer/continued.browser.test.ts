/** @file Trainings that go on from a checkpoint, recompute, leave weights as they are, and end in files. */
import { cache } from '@webformers/hub'
import { describe, expect, test } from 'vitest'
import type { PreTrainedModel } from '../model'
import { type Tensor, tensor } from '../tensor'
import { openRecorded } from '../testing/recorded-models'
import {
  type CaseName,
  cases,
  expectSteps,
  expectWeights,
  openUndropped,
  stepsOf,
  trainerOf,
} from '../testing/training'

const bytesOf = async (model: PreTrainedModel) => (await model.toFiles())['model.safetensors']!.arrayBuffer()

describe('from a checkpoint in IndexedDB', { timeout: 180_000 }, () => {
  // One collator draws masks, whose random numbers go on as well.
  test.each<[CaseName, 'wasm' | 'webgpu']>([
    ['masked-lm', 'wasm'],
    ['adafactor', 'wasm'],
    ['bert', 'webgpu'],
  ])('%s on %s goes on as if it had not stopped', async (name, device) => {
    const outputDir = `resumed-${name}`
    const settings = { outputDir, saveStrategy: 'steps', saveSteps: 25, saveTotalLimit: 2 } as const
    await using whole = await openUndropped(cases[name].model, device)
    const { trainer } = await trainerOf(name, whole, settings)
    await trainer.train()

    await using other = await openUndropped(cases[name].model, device)
    const { trainer: resumed } = await trainerOf(name, other, settings)
    await resumed.train({ resumeFromCheckpoint: `indexeddb://${outputDir}/checkpoint-25` })
    if (device === 'wasm') {
      expect(stepsOf(resumed)).toEqual(stepsOf(trainer))
      expect(await bytesOf(other)).toEqual(await bytesOf(whole))
    } else {
      // A GPU adds up in an order of its own each time.
      const losses = stepsOf(trainer).map(({ loss }) => loss!)
      for (const [i, { loss }] of stepsOf(resumed).entries())
        expect(Math.abs(loss! - losses[i]!), `loss of step ${i + 1}`).toBeLessThan(2e-4)
      expect(stepsOf(resumed)).toHaveLength(losses.length)
      await expectWeights(other, cases[name])
    }
    for (const { repository } of await cache.list())
      if (repository.startsWith(`indexeddb://${outputDir}/`)) await cache.remove(repository)
  })
})

describe('on WASM', { timeout: 180_000 }, () => {
  test.each<CaseName>(['gpt2', 't5'])('%s learns the same when layers are computed again', async (name) => {
    await using model = await openUndropped(cases[name].model, 'wasm')
    const { trainer } = await trainerOf(name, model, { gradientCheckpointing: true })
    await trainer.train()
    expectSteps(trainer, cases[name])
    await expectWeights(model, cases[name])
  })

  test('frozen parameters stay as they are, to the last bit', async () => {
    const { model: repository, frozen } = cases.sgd
    await using before = await openRecorded(repository)
    await using model = await openUndropped(repository, 'wasm')
    const { trainer } = await trainerOf('sgd', model, { maxSteps: 4 })
    await trainer.train()
    const [old, now] = [await before.stateDict(), await model.stateDict()]
    for (const [name, value] of Object.entries(old)) {
      const isFrozen = frozen!.some((module) => name.startsWith(`${module}.`))
      if (isFrozen) expect(now[name], name).toEqual(value)
      else expect(now[name], name).not.toEqual(value)
    }
  })

  test('what was trained is what is saved, and loads again', async () => {
    await using model = await openUndropped(cases.bert.model, 'wasm')
    const { trainer } = await trainerOf('bert', model)
    await trainer.train()
    await trainer.saveModel('indexeddb://trained-bert')
    const inputs = { input_ids: tensor([[2, 7, 9, 30, 3]]), attention_mask: tensor([[1, 1, 1, 1, 1]]) }
    const { logits } = (await model(inputs)) as { logits: Tensor }
    const { AutoModelForSequenceClassification } = await import('../index')
    await using loaded = await AutoModelForSequenceClassification.fromPretrained('indexeddb://trained-bert', {
      device: 'wasm',
    })
    expect((await loaded(inputs)).logits).toEqual(logits)
    await expectWeights(loaded, cases.bert)
    await cache.remove('indexeddb://trained-bert')
  })
})
