import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import recorded from '../../fixtures/gguf/answers.json'
import llama from '../../fixtures/gguf/llama.gguf?url'
import { AutoTokenizer, CorruptCheckpointError, UnsupportedCheckpointError } from '..'

const RealWorker = Worker
let workers: number

beforeEach(() => {
  workers = 0
  vi.stubGlobal(
    'Worker',
    class extends RealWorker {
      constructor(...args: ConstructorParameters<typeof Worker>) {
        super(...args)
        workers++
      }
    },
  )
})
afterEach(() => {
  vi.unstubAllGlobals()
})

/** The tokenizer in a file with one text in place of another of the same length. */
async function open(from = '', to = '') {
  const bytes = new Uint8Array(await (await fetch(llama)).arrayBuffer())
  const latin = new TextDecoder('latin1').decode(bytes)
  const at = latin.indexOf(from)
  for (let i = 0; i < to.length; i++) bytes[at + i] = to.charCodeAt(i)
  return AutoTokenizer.fromPretrained({ 'llama.gguf': new Blob([bytes]) }, { ggufFile: 'llama.gguf' })
}

test('a GGUF file is read in the worker', async () => {
  const tokenizer = await open()
  expect(workers).toBe(1)
  const [ids, tokens] = recorded.tokenizers.llama.full
  const encoding = tokenizer(recorded.lines[0]!)
  expect([encoding.input_ids, encoding.tokens()]).toEqual([ids, tokens])
})

test('what is wrong with it comes out as what it is', async () => {
  await expect(open('<0xE4>', '\xff0xE4>')).rejects.toThrow(CorruptCheckpointError)
  await expect(open('general.architecture', 'general.architecturf')).rejects.toThrow(
    UnsupportedCheckpointError,
  )
  expect(workers).toBe(2)
})
