import { describe, expect, test } from 'vitest'
import { AutoModelForCausalLM, AutoModelForSeq2SeqLM, type LoadOptions, toList } from './index'

const urls = import.meta.glob<string>('../fixtures/blocks/*/*', {
  query: '?url',
  import: 'default',
  eager: true,
})
const file = async (model: string, name: string) =>
  (await fetch(urls[`../fixtures/blocks/${model}/${name}`]!)).blob()

/** What Python answers with matrices that were rounded. */
interface Answers {
  readonly logits: readonly number[]
  readonly greedy: readonly number[][]
}
type DType = 'q8' | 'q4'
interface Expected extends Record<DType | 'fp32', Answers> {
  readonly input_ids: number[][]
  readonly prompts: number[][]
  readonly new_tokens: number
}

async function open(model: string, options: LoadOptions) {
  const [config, weights, recorded] = await Promise.all(
    ['config.json', 'model.safetensors', 'expected.json'].map((name) => file(model, name)),
  )
  const auto = model === 't5' ? AutoModelForSeq2SeqLM : AutoModelForCausalLM
  const expected: Expected = JSON.parse(await recorded!.text())
  const source = { 'config.json': config!, 'model.safetensors': weights! }
  return { expected, model: await auto.fromPretrained(source, options) }
}

const farthest = (own: readonly number[], truth: readonly number[]) =>
  Math.max(...truth.map((value, i) => Math.abs(value - own[i]!)))

const cases: [string, DType, 'wasm' | 'webgpu'][] = [
  ['llama', 'q8', 'wasm'],
  ['gpt2', 'q4', 'wasm'],
  ['t5', 'q4', 'wasm'],
  ['llama', 'q4', 'webgpu'],
  ['gpt2', 'q8', 'webgpu'],
]

describe('matrices in blocks', { timeout: 120_000 }, () => {
  test.each(cases)('%s in %s on %s answers as Python over the same numbers', async (name, dtype, device) => {
    const { expected, model: loaded } = await open(name, { dtype, device })
    await using model = loaded
    expect([model.dtype, model.device]).toEqual([dtype, device])
    const decoder = name === 't5' ? { decoder_input_ids: [[0, 7, 21]] } : {}
    const { logits } = await model({ input_ids: expected.input_ids, ...decoder })
    const { logits: truth, greedy } = expected[dtype]
    const last = Array.from(logits.data).slice(-truth.length)
    expect(farthest(last, truth)).toBeLessThan(1e-4)
    expect(farthest(last, expected.fp32.logits)).toBeGreaterThan(1e-2)

    const input_ids = expected.prompts
    const attention_mask = input_ids.map((row) => row.map((id) => Number(id !== 0)))
    const found = await model.generate(
      { input_ids, attention_mask },
      { maxNewTokens: expected.new_tokens, eosTokenId: null, padTokenId: 0 },
    )
    expect(toList(found)).toEqual(greedy)
  })
})

test('rows that are added leave the blocks of the others as they are, and what has no whole blocks any more is not rounded', async () => {
  const { expected, model: loaded } = await open('gpt2', { dtype: 'q4', device: 'wasm' })
  await using model = loaded
  const answer = async () => Array.from((await model({ input_ids: expected.input_ids })).logits.data)
  await model.resizeTokenEmbeddings(70)
  expect(farthest((await answer()).slice(-70), expected.q4.logits)).toBeLessThan(1e-4)

  // Of four heads of 8 numbers three are left.
  const masked = await model({ input_ids: expected.input_ids }, { headMask: [[1, 0, 1, 1]] })
  await model.pruneHeads({ 0: [1] })
  const distance = farthest(await answer(), Array.from(masked.logits.data))
  expect(distance).toBeGreaterThan(1e-4)
  expect(distance).toBeLessThan(1.5)
})

test('8 bits that inputs are rounded for are for WASM; the error names what a GPU takes', async () => {
  await expect(open('llama', { dtype: 'int8', device: 'webgpu' })).rejects.toThrow(
    /dtype 'int8' runs on WASM only.*'q8', 'q4', 'q4f16'/,
  )
})
