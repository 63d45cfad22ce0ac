/** @file webformers, from the original safetensors. */
import { AutoModelForImageClassification, configure, tensor } from '/ours/webformers.js'

export async function load({ hub, exported, dtype, threads }) {
  configure({ endpoint: hub })
  const model = await AutoModelForImageClassification.fromPretrained(exported, {
    device: 'wasm',
    dtype,
    threads,
  })
  return async (pixels, shape) => (await model({ pixel_values: tensor(pixels, shape) })).logits.data
}
