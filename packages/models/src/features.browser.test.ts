/** @file What models that compare give of one side alone, as `get_image_features` and `get_text_features` in Python. */
import { finish } from '@webformers/graph'
import { expect, test } from 'vitest'
import { traceModel } from './index'
import { expectClose, feedsOf, openDevice, readFixture, readTensors } from './testing/fixtures'

test.each(['clip/base', 'siglip/base', 'blip/base', 'owlvit/base', 'owlv2/base'])(
  '%s: features of images, and of texts',
  async (name) => {
    await using device = await openDevice('wasm')
    const { architecture, config, head, weights, inputs } = await readFixture(name)
    const target = { device: 'wasm', fused: true, compute: 'float32', weights: 'float32' } as const
    const { image_features, text_features } = await readTensors(name, 'features.safetensors')
    const run = async (output: string) => {
      const program = finish(traceModel(architecture, head, config, [output], target))
      const feeds = feedsOf(Object.keys(program.inputs), inputs)
      return [Object.keys(feeds), (await device.run(program, weights, feeds)).outputs] as const
    }
    const [seen, images] = await run('image_features')
    expect(seen).toEqual(['pixel_values'])
    expectClose(images, { image_features: image_features! })
    const [read, texts] = await run('text_features')
    expect(read).toEqual(['input_ids', 'attention_mask'])
    expectClose(texts, { text_features: text_features! })
  },
)
