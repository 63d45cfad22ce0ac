import { readFile } from 'node:fs/promises'
import { CorruptCheckpointError, TruncatedFileError, WebformersError } from '@webformers/hub'
import { describe, expect, test } from 'vitest'
import { readModel } from './model-file'

const exported = new URL('../../../webformers/fixtures/exported/', import.meta.url)

const read = async (path: string) => new Uint8Array(await readFile(new URL(path, exported)))

/** A file in memory that counts what is read of it. */
function fileOf(bytes: Uint8Array<ArrayBuffer>, path = 'model.onnx') {
  const file = {
    path,
    size: bytes.length,
    most: 0,
    read(start: number, end: number) {
      expect(start).toBeLessThanOrEqual(end)
      expect(end).toBeLessThanOrEqual(bytes.length)
      file.most = Math.max(file.most, end - start)
      return bytes.slice(start, end)
    },
  }
  return file
}

describe('what a file says of its graph', () => {
  test('an encoder', async () => {
    const { inputs, outputs, locations } = readModel(fileOf(await read('bert-stars/onnx/model.onnx')))
    const ids = { dtype: 'int64', shape: ['batch_size', 'sequence_length'] }
    expect(inputs).toEqual({ input_ids: ids, attention_mask: ids, token_type_ids: ids })
    expect(outputs).toEqual({ logits: { dtype: 'float32', shape: ['batch_size', 5] } })
    expect([...locations]).toEqual(['model.onnx'])
  })

  test('a decoder in half precision, with its caches', async () => {
    const { inputs, outputs } = readModel(fileOf(await read('llama/onnx/model_fp16.onnx')))
    expect(inputs['past_key_values.1.value']).toEqual({
      dtype: 'float16',
      shape: ['batch_size', 2, 'past_sequence_length', 4],
    })
    expect(Object.keys(outputs)).toEqual([
      'logits',
      'present.0.key',
      'present.0.value',
      'present.1.key',
      'present.1.value',
    ])
  })

  test('weights that lie beside it', async () => {
    const { locations } = readModel(fileOf(await read('bert-words/onnx/model.onnx')))
    expect([...locations].sort()).toEqual(['model.onnx_data', 'model.onnx_data_1'])
  })
})

test('large weights stay in the file: what is left is small, and points to them', async () => {
  const bytes = await read('bert-stars/onnx/model.onnx')
  const { onnx } = readModel(fileOf(bytes))
  const moved = bytes.length - onnx.length
  expect(moved).toBeGreaterThan(27_000) // the 420 × 16 word embeddings alone are 26,880 bytes
  // The pointers, read back by the same reader, name places that hold the very numbers.
  const text = Buffer.from(onnx).toString('latin1')
  const places = [...text.matchAll(/location.{2}model\.onnx.*?offset.{2}(\d+).*?length.{2}(\d+)/gs)]
  const largest = places
    .map(([, offset, length]) => [Number(offset), Number(length)])
    .sort((a, b) => b[1]! - a[1]!)[0]!
  expect(largest[1]).toBe(26_880)
  const words = new Float32Array(bytes.slice(largest[0], largest[0]! + largest[1]!).buffer)
  const deviation = Math.sqrt(words.reduce((sum, value) => sum + value * value, 0) / words.length)
  expect(deviation).toBeCloseTo(0.7, 1) // as they were drawn
})

describe('what is no such file', () => {
  test.each([
    ['nothing', new Uint8Array(0), CorruptCheckpointError, 'no graph'],
    ['a web page', new TextEncoder().encode('<!doctype html><html>…</html>'), WebformersError, 'model.onnx'],
    ['JSON', new TextEncoder().encode('{"error": "Entry not found"}'), WebformersError, 'model.onnx'],
    [
      'a pointer of Git LFS',
      new TextEncoder().encode('version https://git-lfs'),
      WebformersError,
      'model.onnx',
    ],
    ['a number without end', new Uint8Array(20).fill(255), CorruptCheckpointError, 'has no end'],
  ])('%s', (_, bytes, error, message) => {
    expect(() => readModel(fileOf(bytes))).toThrow(error)
    expect(() => readModel(fileOf(bytes))).toThrow(message)
  })

  test('a file that is cut short anywhere', async () => {
    const bytes = await read('bert-stars/onnx/model.onnx')
    for (let cut = 1; cut < 200; cut++) {
      const part = bytes.slice(0, Math.floor((bytes.length * cut) / 200))
      expect(() => readModel(fileOf(part))).toThrow(TruncatedFileError)
    }
  })

  test('thousands of damaged copies are read, or refused by name, and no more is read than there is', async () => {
    const bytes = await read('t5/onnx/encoder_model.onnx')
    let seed = 20261125
    const random = (below: number) => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
      return Math.floor((seed / 2 ** 32) * below)
    }
    const outcomes = { read: 0, refused: 0 }
    for (let i = 0; i < Number(process.env.FUZZ ?? 2000); i++) {
      const copy = bytes.slice(0, random(8) ? bytes.length : random(bytes.length))
      for (let n = random(8); n >= 0; n--) copy[random(copy.length)] = random(256)
      try {
        readModel(fileOf(copy))
        outcomes.read += 1
      } catch (error) {
        expect(error).toBeInstanceOf(WebformersError)
        outcomes.refused += 1
      }
    }
    expect(outcomes.read).toBeGreaterThan(100)
    expect(outcomes.refused).toBeGreaterThan(100)
  })
})
