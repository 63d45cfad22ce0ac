import { describe, expect, test } from 'vitest'
import recorded from '../../hub/src/formats/gguf/fixture/models.json'
import { AutoConfig, AutoModelForCausalLM, AutoTokenizer, tensor } from './index'

/** Tiny models of each family, quantized in all ways, with the logits that transformers gets from the same files. */
const models = import.meta.glob<string>('../../hub/src/formats/gguf/fixture/*.gguf', {
  query: '?url',
  import: 'default',
  eager: true,
})
const tokenizers = import.meta.glob<string>('../../tokenizers/fixtures/gguf/*.gguf', {
  query: '?url',
  import: 'default',
  eager: true,
})
const IDS = [1, 7, 23, 42, 11]

const fileOf = async (urls: Record<string, string>, name: string): Promise<Blob> => {
  const [, url] = Object.entries(urls).find(([path]) => path.endsWith(`/${name}`))!
  return (await fetch(url)).blob()
}

/** Where shaders take long to compile: blocks that a GPU takes as they are, in rows that are permuted and in matrices that lie the
 * other way, beside some that it does not take. Architectures are run there by models/src/conformance.browser.test.ts. */
const onGpu = ['llama', 'gpt2-blocks']

describe.each(['wasm', 'webgpu'] as const)('on %s', (device) => {
  test.each(Object.entries(recorded).filter(([name]) => device === 'wasm' || onGpu.includes(name)))(
    '%s gives the logits of transformers',
    async (name, { logits: truth }) => {
      const ggufFile = `${name}.gguf`
      await using model = await AutoModelForCausalLM.fromPretrained(
        { [ggufFile]: await fileOf(models, ggufFile) },
        { ggufFile, device },
      )
      const input_ids = tensor(IDS, [1, IDS.length], 'int32')
      const { logits } = await model({ input_ids })
      expect(logits.shape).toEqual([1, IDS.length, truth.length])
      const last = Array.from(logits.data).slice(-truth.length)
      expect(Math.max(...last.map((value, i) => Math.abs(value - truth[i]!)))).toBeLessThan(1e-4)
    },
  )
})

test('one file is configuration, tokenizer and chat template', async () => {
  const ggufFile = 'qwen2.gguf'
  const source = { [ggufFile]: await fileOf(tokenizers, ggufFile) }
  expect(await AutoConfig.fromPretrained(source, { ggufFile })).toMatchObject({
    model_type: 'qwen2',
    hidden_size: 32,
  })
  const tokenizer = await AutoTokenizer.fromPretrained(source, { ggufFile })
  const messages = [{ role: 'user', content: 'Hello' }]
  expect(tokenizer.applyChatTemplate(messages, { tokenize: false })).toContain('<|user|>\nHello')
})
