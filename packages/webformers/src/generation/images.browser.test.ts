/** @file What models write about images, token for token as Python: recorded by reference/record_image_generation.py. */
import { describe, expect, test } from 'vitest'
import { AutoModelForVision2Seq, AutoModelForVisualQuestionAnswering, InputError } from '../index'
import { type Tensor, toList } from '../tensor'
import { hubOf } from '../testing/hub'
import { readRecorded, recordedFiles } from '../testing/recorded-models'

const models = {
  'blip/conditional-generation': AutoModelForVision2Seq,
  'blip/question-answering': AutoModelForVisualQuestionAnswering,
  'vision-encoder-decoder/trocr': AutoModelForVision2Seq,
  'vision-encoder-decoder/gpt2': AutoModelForVision2Seq,
  'vision-encoder-decoder/donut': AutoModelForVision2Seq,
  'smolvlm/conditional-generation': AutoModelForVision2Seq,
} as const
type Name = keyof typeof models

async function open(name: Name, device: 'wasm' | 'webgpu' = 'wasm') {
  const { greedy, beams, ...inputs } = await readRecorded(name, 'written.safetensors')
  const model = await models[name].fromPretrained(name, { fetch: hubOf(recordedFiles), cache: false, device })
  return { model, inputs, greedy: rows(greedy!), beams: rows(beams!) }
}
const rows = (sequences: Tensor) => toList<number[][]>(sequences)

describe.each([
  { device: 'wasm', names: Object.keys(models) as Name[] },
  { device: 'webgpu', names: ['smolvlm/conditional-generation'] as Name[] },
] as const)('$device', { timeout: 120_000 }, ({ device, names }) => {
  test.each(names)('%s writes what it writes in Python', async (name) => {
    const { model, inputs, greedy, beams } = await open(name, device)
    await using _ = model
    expect(rows(await model.generate(inputs, { maxNewTokens: 8 }))).toEqual(greedy)
    expect(rows(await model.generate(inputs, { maxNewTokens: 8, numBeams: 3 }))).toEqual(beams)
  })
})

test('a prompt with images is read in pieces as at once', async () => {
  const { model, inputs, greedy } = await open('smolvlm/conditional-generation')
  await using _ = model
  const sequences = await model.generate(inputs, { maxNewTokens: 8, prefillChunkSize: 3 })
  expect(rows(sequences)).toEqual(greedy)
})

test('a model that sees writes about nothing, too', async () => {
  const { model } = await open('smolvlm/conditional-generation')
  await using _ = model
  const { shape } = await model.generate({ input_ids: [[7, 8, 9]] }, { maxNewTokens: 4, eosTokenId: null })
  expect(shape).toEqual([1, 7])
})

test('a caption begins as texts do, once for each image', async () => {
  const { model, inputs } = await open('blip/conditional-generation')
  await using _ = model
  const { pixel_values } = inputs
  const all = rows(await model.generate({ pixel_values: pixel_values! }, { maxNewTokens: 3 }))
  expect(all.map(([first]) => first)).toEqual([3, 3, 3])
  await expect(model.generate({ input_ids: [[3, 7, 4]] })).rejects.toThrow(InputError)
})
