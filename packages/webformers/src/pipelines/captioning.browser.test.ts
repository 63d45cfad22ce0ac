/** @file Tasks that write about images: what their models write, as it was recorded, in the forms of the tasks. */
import type { ImageProcessor, RawImage } from '@webformers/processors'
import type { PreTrainedTokenizer } from '@webformers/tokenizers'
import { expect, test } from 'vitest'
import { OptionError } from '../errors'
import { type Tensor, toList } from '../tensor'
import { hubOf } from '../testing/hub'
import { readRecorded, recordedFiles } from '../testing/recorded-models'
import { pipeline } from './index'

const hub = { fetch: hubOf(recordedFiles), cache: false, device: 'wasm' } as const

/** The models have neither a tokenizer nor an image processor: numbers stand for words, and the first images are the recorded ones. */
async function recorded(name: string) {
  const { greedy, pixel_values, ...inputs } = await readRecorded(name, 'written.safetensors')
  const texts = toList<number[][]>(greedy!)
  const words = (ids: Iterable<number>) => Array.from(ids).join(' ')
  const tokenizer = Object.assign(() => {}, {
    padTokenId: 0,
    callAsync: async ([text]: [string]) => {
      const ids = text.split(' ').map(Number)
      return { input_ids: [ids], attention_mask: [ids.map(() => 1)] }
    },
    decode: words,
  }) as unknown as PreTrainedTokenizer
  const [, ...rest] = pixel_values!.shape
  const size = rest.reduce((product, dim) => product * dim, 1)
  let next = 0
  const imageProcessor = (async () => {
    const from = next++ * size
    const data = (pixel_values!.data as Float32Array).slice(from, from + size)
    return { pixel_values: { dtype: 'float32', shape: [1, ...rest], data } }
  }) as unknown as ImageProcessor
  const row = (tensor: Tensor, i: number) => words(toList<number[][]>(tensor)[i]!)
  return { texts: texts.map(words), inputs, row, options: { ...hub, tokenizer, imageProcessor } }
}

const image: RawImage = { width: 1, height: 1, channels: 3, data: new Uint8Array(3) }

test('image-to-text writes captions, from their beginnings where there are some', async () => {
  const { texts, options } = await recorded('vision-encoder-decoder/gpt2')
  await using write = await pipeline('image-to-text', 'vision-encoder-decoder/gpt2', options)
  const answers = await write([image, image], { maxNewTokens: 8 })
  expect(answers).toEqual(texts.slice(0, 2).map((generated_text) => [{ generated_text }]))
  await expect(write(image, { prompt: '7 8' })).rejects.toThrow(OptionError)

  const blip = await recorded('blip/conditional-generation')
  await using caption = await pipeline('image-to-text', 'blip/conditional-generation', blip.options)
  const prompt = blip.row(blip.inputs.input_ids!, 0)
  expect(await caption(image, { prompt, maxNewTokens: 8 })).toEqual([{ generated_text: blip.texts[0] }])
})

test('visual-question-answering answers each question about each image', async () => {
  const { texts, inputs, row, options } = await recorded('blip/question-answering')
  await using ask = await pipeline('visual-question-answering', 'blip/question-answering', options)
  const question = row(inputs.input_ids!, 0)
  const answer = await ask({ image, question }, { maxNewTokens: 8 })
  expect(answer).toEqual([{ answer: texts[0] }])
  const answers = await ask({ image, question: [question, question] }, { maxNewTokens: 8 })
  expect(answers).toHaveLength(2)
})

test('document-question-answering is for Donut', async () => {
  const { options } = await recorded('vision-encoder-decoder/trocr')
  await using ask = await pipeline('document-question-answering', 'vision-encoder-decoder/trocr', options)
  await expect(ask({ image, question: 'Who?' })).rejects.toThrow('written for Donut')
})
