import { describe, expect, test } from 'vitest'
import type { PreTrainedModel } from '../model'
import type { LogitsOutput } from '../outputs'
import type { Tensor } from '../tensor'
import { openRecorded, readRecorded } from '../testing/recorded-models'
import { adapterOf, apart, expectedOf, largest } from './testing/recorded'

/** Of logits. */
const CLOSE = 1e-4
/** Of a gradient, to its largest entry. */
const TOLERANCE = 1e-3
/** What rounding leaves of a gradient that is much smaller than others. */
const ROUNDING = 2e-6

const adapters = {
  'bert/sequence-classification': ['bert', 'bert-wide', 'prompt-bert'],
  'gpt2/causal-lm': ['gpt2', 'prompt-gpt2'],
  't5/conditional-generation': ['t5', 'prompt-t5'],
  'llama/causal-lm': ['llama', 'prompt-llama'],
  'distilbert/sequence-classification': ['distilbert'],
  'vit/image-classification': ['vit'],
  'gemma3_text/causal-lm': ['prompt-gemma3'],
  'bert/token-classification': ['prompt-tokens'],
}

/** The name in the model of a tensor of the file. */
function nameOf(key: string, adapter: string): string {
  const path = key
    .replace(/^base_model\.(model\.)?(?=.*lora_)/, '')
    .replace(/^base_model\.model\.|^base_model\./, '')
  if (key === 'prompt_embeddings') return `prompt_encoder.${adapter}.embedding.weight`
  return path.replace(/\.(lora_[AB])\.weight$/, `.$1.${adapter}.weight`)
}

/** peft's prompts give their virtual tokens logits, too. */
const behindPrompt = (expected: Tensor, like: Tensor) =>
  expected.shape[1] === like.shape[1] || expected.shape.length < 3
    ? expected.data
    : Array.from({ length: expected.shape[0]! }, (_, row) => {
        const [, length, size] = expected.shape as [number, number, number]
        return Array.from(expected.data as Float32Array).slice(
          (row * length + length - like.shape[1]!) * size,
          (row + 1) * length * size,
        )
      }).flat()

/** Every kind of layer and virtual tokens once on the GPU, where a model takes longer to be ready. */
const onGpu = {
  'bert/sequence-classification': ['bert-wide'],
  'gpt2/causal-lm': ['gpt2'], // its matrices lie the other way
  't5/conditional-generation': ['prompt-t5'],
}

describe.each([
  ['wasm', adapters],
  ['webgpu', onGpu],
] as const)('%s', (device, cases) => {
  test.each(Object.entries(cases))(
    '%s with %s is as with peft',
    { timeout: 120_000 },
    async (base, names) => {
      await using model = (await openRecorded(base, { device })) as PreTrainedModel<LogitsOutput>
      const inputs = await readRecorded(base, 'inputs.safetensors')
      const before = (await model(inputs)).logits
      for (const name of names) {
        const expected = await expectedOf(name)
        const labels = expected.labels!
        await model.loadAdapter(await adapterOf(name), name, { isTrainable: true })
        const { logits, loss } = await model(inputs, { labels })
        expect(apart(logits.data, behindPrompt(expected.logits!, logits)), name).toBeLessThan(CLOSE)
        expect(apart(loss.data, expected.loss!.data), name).toBeLessThan(CLOSE)

        const { gradients } = await model.gradients(inputs, { labels })
        const truth = Object.entries(expected).filter(([key]) => key.startsWith('gradient:'))
        const most = largest(truth.flatMap(([, { data }]) => largest(data)))
        const off = truth.flatMap(([key, { data }]) => {
          const found = gradients[nameOf(key.slice('gradient:'.length), name)]
          const error = found ? apart(found.data, data) : Number.NaN
          return error < TOLERANCE * largest(data) + ROUNDING * most ? [] : [[key, error, largest(data)]]
        })
        expect(off, name).toEqual([])

        if (device === 'wasm' && !name.startsWith('prompt')) {
          await model.mergeAdapter()
          const merged = await model(inputs)
          expect(apart(merged.logits.data, expected.logits!.data), `${name} merged`).toBeLessThan(CLOSE)
          await model.unmergeAdapter()
        }
        await model.deleteAdapter(name)
      }
      expect((await model(inputs)).logits.data).toEqual(before.data)
    },
  )
})
