/** @file 50 steps over real architectures against Python's Trainer, with the same data, order and arguments, on both devices. */
import { openCheckpoint } from '@webformers/hub'
import { describe, expect, test } from 'vitest'
import truth from '../../fixtures/trainer/models.json'
import type { AutoModelClass } from '../auto'
import {
  AutoModelForCausalLM,
  AutoModelForImageClassification,
  AutoModelForSeq2SeqLM,
  AutoModelForSequenceClassification,
} from '../auto'
import { tensor } from '../tensor'
import { type Digest, difference, recordedFiles } from '../testing/recorded-models'
import { TrainingArguments } from './arguments'
import { Trainer } from './trainer'

interface Recorded {
  losses: number[]
  grad_norms: number[]
  weights: Record<string, Digest>
}
const recorded = truth.models as unknown as Record<string, Recorded>

const { args } = truth
const argumentsOf = () =>
  new TrainingArguments({
    maxSteps: args.max_steps,
    learningRate: args.learning_rate,
    perDeviceTrainBatchSize: args.per_device_train_batch_size,
    gradientAccumulationSteps: args.gradient_accumulation_steps,
    warmupSteps: args.warmup_steps,
    weightDecay: args.weight_decay,
    maxGradNorm: args.max_grad_norm,
    adamEpsilon: args.adam_epsilon,
    loggingSteps: args.logging_steps,
    saveStrategy: 'no',
    seed: args.seed,
  })

const LENGTH = 10
const range = <T>(count: number, of: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => of(i))

/** Tokens with padding behind them, as reference/trained_models.py makes them. */
function text(i: number) {
  const length = 6 + (i % 5)
  const ids = range(length, (k) => 4 + ((i * 31 + k * 17 + ((i * k) % 7)) % 56))
  const padded = (values: number[], padding: number) => [...values, ...Array(LENGTH - length).fill(padding)]
  return {
    inputs: { input_ids: padded(ids, 0), attention_mask: padded(Array(length).fill(1), 0) },
    labels: padded(ids, -100),
  }
}

const pixels = (i: number) =>
  range(3, (c) =>
    range(12, (y) => range(12, (x) => ((i * 13 + c * 5 + y * 3 + x * 7 + ((x * y * i) % 11)) % 32) / 16 - 1)),
  )

const cases: Record<string, { auto: AutoModelClass; item: (i: number) => object }> = {
  'bert/sequence-classification': {
    auto: AutoModelForSequenceClassification,
    item: (i: number) => ({ ...text(i).inputs, labels: (i * 7) % 5 }),
  },
  'gpt2/causal-lm': {
    auto: AutoModelForCausalLM,
    item: (i: number) => ({ ...text(i).inputs, labels: text(i).labels }),
  },
  't5/conditional-generation': {
    auto: AutoModelForSeq2SeqLM,
    item: (i: number) => ({ ...text(i).inputs, labels: text(i + 3).labels }),
  },
  'vit/image-classification': {
    auto: AutoModelForImageClassification,
    item: (i: number) => ({ pixel_values: pixels(i), labels: (i * 7) % 5 }),
  },
}

/** The model's files, with no dropout in its configuration. */
async function filesOf(name: string): Promise<Record<string, Blob>> {
  const read = (path: string) => recordedFiles[`${name}/${path}`]!()
  const config = JSON.parse(await (await read('config.json')).text())
  for (const key of Object.keys(config)) if (/drop/.test(key)) config[key] = 0
  return {
    'config.json': new Blob([JSON.stringify(config)]),
    'model.safetensors': await read('model.safetensors'),
  }
}

async function weightsOf(files: Record<string, Blob>) {
  const checkpoint = await openCheckpoint({ 'model.safetensors': files['model.safetensors']! })
  const read = async (name: string) => {
    const { buffer } = Uint8Array.from(await checkpoint.bytes(name))
    return tensor(new Float32Array(buffer), checkpoint.entries.get(name)!.shape)
  }
  return { names: [...checkpoint.entries.keys()], read }
}

describe.each(['wasm', 'webgpu'] as const)('%s', { timeout: 180_000 }, (device) => {
  test.each(Object.entries(cases))('%s', async (name, { auto, item }) => {
    await using model = await auto.fromPretrained(await filesOf(name), { device })
    const trainer = new Trainer({ model, args: argumentsOf(), trainDataset: range(60, item) })
    await trainer.train()
    const { losses, grad_norms, weights } = recorded[name]!
    const steps = trainer.state.log_history.slice(0, -1)
    expect(steps).toHaveLength(losses.length)
    for (const [i, entry] of steps.entries()) {
      // The log rounds losses to four digits.
      expect(Math.abs(entry.loss! - losses[i]!), `loss of step ${i + 1}`).toBeLessThan(
        1e-3 * losses[i]! + 5e-5,
      )
      expect(entry.grad_norm! / grad_norms[i]!, `gradients of step ${i + 1}`).toBeCloseTo(1, 2)
    }
    const ours = await weightsOf(await model.toFiles())
    const trained = Object.keys(weights).filter((key) => ours.names.includes(key))
    expect(trained).toHaveLength(Object.keys(weights).length)
    for (const key of trained) expect(difference(await ours.read(key), weights[key]!), key).toBeLessThan(1e-3)
  })
})
