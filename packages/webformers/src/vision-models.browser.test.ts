/** @file CLIP, its towers and backbones by the front door: what is recorded beside their architectures, and features of one side. */
import { expect, test } from 'vitest'
import {
  AutoBackbone,
  AutoModelForZeroShotImageClassification,
  CLIPTextModel,
  CLIPVisionModel,
  type Tensor,
} from './index'
import { hubOf } from './testing/hub'
import { readRecorded, recordedFiles } from './testing/recorded-models'

const options = { fetch: hubOf(recordedFiles), cache: false, device: 'wasm' } as const
const inputs = await readRecorded('clip/base', 'inputs.safetensors')
const expected = await readRecorded('clip/base', 'expected.safetensors')

function expectClose(given: Tensor | undefined, { shape, data }: Tensor) {
  expect(given!.shape).toEqual(shape)
  const differences = Array.from(given!.data, Number).map((value, i) => Math.abs(value - Number(data[i])))
  expect(Math.max(...differences)).toBeLessThan(1e-4)
}

test('CLIP compares, tells what it is trained on, and gives each side alone', async () => {
  await using model = await AutoModelForZeroShotImageClassification.fromPretrained('clip/base', options)
  const outputs = await model(inputs, { outputAttentions: true })
  expectClose(outputs.logits_per_image, expected.logits_per_image!)
  expectClose(outputs.text_attentions![0], expected['text_attentions.0']!)
  expectClose(outputs.vision_attentions![1], expected['vision_attentions.1']!)

  const features = await readRecorded('clip/base', 'features.safetensors')
  expectClose(await model.getImageFeatures(inputs), features.image_features!)
  const { input_ids, attention_mask } = inputs
  const texts = { input_ids: input_ids!, attention_mask: attention_mask! }
  expectClose(await model.getTextFeatures(texts), features.text_features!)

  const [two] = [{ ...texts, ...halved(texts), pixel_values: inputs.pixel_values! }]
  const { loss, logits_per_text } = await model(two, { returnLoss: true })
  expect(Math.abs(Number(loss.data[0]) - clipLoss(Array.from(logits_per_text.data)))).toBeLessThan(1e-5)
})

/** As many texts as there are images. */
const halved = (texts: Record<string, Tensor>) =>
  Object.fromEntries(
    Object.entries(texts).map(([name, { dtype, shape, data }]) => [
      name,
      { dtype, shape: [2, shape[1]!], data: data.slice(0, 2 * shape[1]!) } as Tensor,
    ]),
  )

/** Of two texts and two images: the mean cross-entropy of rows and of columns, halved. */
function clipLoss([a, b, c, d]: number[]): number {
  const miss = (right: number, wrong: number) => Math.log(1 + Math.exp(wrong - right))
  return (miss(a!, b!) + miss(d!, c!) + miss(a!, c!) + miss(d!, b!)) / 4
}

test('a tower is a model of its own, also of a whole one', async () => {
  await using text = await CLIPTextModel.fromPretrained('clip/base', options)
  expect(text.config.model_type).toBe('clip_text_model')
  const { input_ids, attention_mask } = inputs
  const read = { input_ids: input_ids!, attention_mask: attention_mask! }
  const { hidden_states } = await text(read, { outputHiddenStates: true })
  expectClose(hidden_states.at(-1), expected['text_hidden_states.1']!)

  await using vision = await CLIPVisionModel.fromPretrained('clip/base', options)
  const seen = await vision({ pixel_values: inputs.pixel_values! }, { outputHiddenStates: true })
  expectClose(seen.last_hidden_state, expected['vision_hidden_states.2']!)
})

test('a backbone gives the maps of its stages, of an image of any size', async () => {
  await using model = await AutoBackbone.fromPretrained('dinov2/backbone', options)
  const { feature_maps } = await model(await readRecorded('dinov2/backbone', 'inputs.safetensors'))
  const truth = await readRecorded('dinov2/backbone', 'expected.safetensors')
  for (const [i, map] of feature_maps.entries()) expectClose(map, truth[`feature_maps.${i}`]!)
  expect(feature_maps).toHaveLength(2)
  const larger = { dtype: 'float32', shape: [1, 1, 20, 24], data: new Float32Array(480) } as const
  expect((await model({ pixel_values: larger })).feature_maps[1]!.shape).toEqual([1, 16, 5, 6])
})
