import { openCheckpoint } from '@webformers/hub'
import type { Optimizer } from '@webformers/runtime'
import { expect, test, vi } from 'vitest'
import { Client } from '../../../runtime/src/client'
import type { PreTrainedModel } from '../model'
import type { LogitsOutput } from '../outputs'
import { openRecorded, readRecorded } from '../testing/recorded-models'
import { adapterOf, apart, expectedOf, largest, recorded } from './testing/recorded'

const open = async (base: string, options: object) =>
  (await openRecorded(base, options)) as PreTrainedModel<LogitsOutput>

/** The model as it is recorded, and nothing drops. */
const STILL = {
  hidden_dropout_prob: 0,
  attention_probs_dropout_prob: 0,
  attn_pdrop: 0,
  embd_pdrop: 0,
  resid_pdrop: 0,
}

async function still(adapter: string) {
  const files = await adapterOf(adapter)
  const config = JSON.parse(await files['adapter_config.json'].text())
  return { ...files, 'adapter_config.json': new Blob([JSON.stringify({ ...config, lora_dropout: 0 })]) }
}

/** The losses of a training as it was recorded; the model has its weights after it. */
async function train(model: PreTrainedModel, batch: Record<string, never>, steps: number): Promise<number[]> {
  const trainable = await model.trainable()
  const names = trainable.parameters.filter((each) => each.trainable).map(({ name }) => name)
  const groups = [{ parameters: names, weightDecay: 0.01 }]
  const optimizer: Optimizer = { kind: 'adamw', groups, betas: [0.9, 0.999], eps: 1e-8 }
  const run = await trainable.training({ optimizer, gradientCheckpointing: false, fp16: false })
  const losses: number[] = []
  for (let i = 0; i < steps; i++) {
    losses.push((await run.step(batch, { seed: i, scale: 1 })).loss)
    await run.update({ learningRates: [0.02] })
  }
  await trainable.adopt(await run.weights())
  await run.dispose()
  return losses
}

const cases = [
  ['wasm', 'bert', 'bert/sequence-classification'],
  ['webgpu', 'bert', 'bert/sequence-classification'],
  ['wasm', 'prompt-gpt2', 'gpt2/causal-lm'],
  ['webgpu', 'prompt-gpt2', 'gpt2/causal-lm'],
] as const

test.each(cases)(
  "on %s, %s is trained as with torch's AdamW",
  { timeout: 120_000 },
  async (device, adapter, base) => {
    const truth = recorded.training[adapter]
    await using model = await open(base, { device, config: STILL })
    await model.loadAdapter(await still(adapter), 'default', { isTrainable: true })
    const inputs = await readRecorded(base, 'inputs.safetensors')
    const { labels } = await expectedOf(adapter)
    const losses = await train(model, { ...inputs, labels } as never, truth.losses.length)
    expect(Math.max(...losses.map((loss, i) => Math.abs(loss / truth.losses[i]! - 1)))).toBeLessThan(1e-3)

    const files = await model.toFiles()
    expect(Object.keys(files)).toEqual(['adapter_config.json', 'adapter_model.safetensors'])
    const checkpoint = await openCheckpoint({
      'adapter_model.safetensors': files['adapter_model.safetensors']!,
    })
    for (const [key, values] of Object.entries(truth.weights)) {
      const found = new Float32Array((await checkpoint.bytes(key)).slice().buffer)
      expect(apart(found, values), key).toBeLessThan(1e-3 * largest(values))
    }
  },
)

test('adapters of other ranks, several and none share one session; several add up as with peft', async () => {
  const load = vi.spyOn(Client.prototype, 'load')
  const base = 'bert/sequence-classification'
  await using model = await open(base, { device: 'wasm' })
  const inputs = await readRecorded(base, 'inputs.safetensors')
  const before = (await model(inputs)).logits
  await model.loadAdapter(await adapterOf('bert-other'), 'other')
  await model.loadAdapter(await adapterOf('bert-second'), 'second')
  await model(inputs)
  const loaded = load.mock.calls.length
  model.setAdapter('other')
  const other = await expectedOf('bert-other')
  expect(apart((await model(inputs)).logits.data, other.logits!.data)).toBeLessThan(1e-4)
  model.setAdapter(['other', 'second'])
  expect(model.activeAdapters()).toEqual(['other', 'second'])
  expect(apart((await model(inputs)).logits.data, recorded.several.flat())).toBeLessThan(1e-4)
  model.disableAdapters()
  expect(apart((await model(inputs)).logits.data, before.data)).toBeLessThan(1e-6)
  model.enableAdapters()
  expect(apart((await model(inputs)).logits.data, recorded.several.flat())).toBeLessThan(1e-4)
  expect(load.mock.calls.length).toBe(loaded)
  load.mockRestore()
})

test('over weights of 8 bits, training sees what inference gives, and changes no weight of the model', async () => {
  const base = 'bert/sequence-classification'
  const inputs = await readRecorded(base, 'inputs.safetensors')
  const { labels } = await expectedOf('bert')
  const exact = await open(base, { device: 'wasm', config: STILL })
  await exact.loadAdapter(await still('bert'), 'default', { isTrainable: true })
  const float = await exact.gradients(inputs, { labels })
  await exact.dispose()

  await using model = await open(base, { device: 'wasm', dtype: 'int8', config: STILL })
  const before = (await model(inputs)).logits
  await model.loadAdapter(await still('bert'), 'default', { isTrainable: true })
  const { loss } = await model(inputs, { labels })
  const { gradients } = await model.gradients(inputs, { labels })
  expect(Object.keys(gradients).toSorted()).toEqual(Object.keys(float.gradients).toSorted())
  // The forward pass rounds activations to 8 bits, too, which in a model of this size shows behind an attention.
  const alike = Object.entries(float.gradients).map(
    ([name, { data }]) =>
      [name, cosine(gradients[name]!.data as Float32Array, data as Float32Array)] as const,
  )
  expect(alike.filter(([name, found]) => !(found > (name.startsWith('classifier') ? 0.99 : 0.8)))).toEqual([])
  const losses = await train(model, { ...inputs, labels } as never, 20)
  expect(Math.abs(losses[0]! - Number(loss!.data[0]))).toBeLessThan(1e-5)
  expect(losses.at(-1)!).toBeLessThan(losses[0]! / 10)
  expect(Number((await model(inputs, { labels })).loss!.data[0])).toBeLessThan(losses.at(-1)!)
  model.disableAdapters()
  expect(apart((await model(inputs)).logits.data, before.data)).toBeLessThan(1e-6)
})

function cosine(a: Float32Array, b: Float32Array): number {
  const dot = (x: Float32Array, y: Float32Array) => x.reduce((sum, value, i) => sum + value * y[i]!, 0)
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))
}
