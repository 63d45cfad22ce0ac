import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { tokenizerOf } from '../../reference/fixtures'
import { TokenizerError } from '..'
import { MODEL, PIECE, readSentencePieceModel } from './sentence-piece-model'

const bytesOf = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../../fixtures/converters/${name}`, import.meta.url)))

test('reads pieces, their types, the algorithm and the normalizer', () => {
  const t5 = readSentencePieceModel(bytesOf('t5.model'), 'spiece.model')
  expect(t5.pieces.slice(0, 4)).toEqual([
    { text: '<pad>', score: 0, type: PIECE.control },
    { text: '</s>', score: 0, type: PIECE.control },
    { text: '<unk>', score: 0, type: PIECE.unknown },
    { text: '[CLS]', score: 0, type: PIECE.control },
  ])
  expect(t5).toMatchObject({ modelType: MODEL.unigram, unkId: 2, unkPiece: '<unk>' })
  expect(t5.charsmap.length).toBeGreaterThan(4)
  const llama = readSentencePieceModel(bytesOf('llama.model'), 'tokenizer.model')
  expect(llama.modelType).toBe(MODEL.bpe)
  expect(llama.pieces[3]).toEqual({ text: '<0x00>', score: 0, type: PIECE.byte })
  expect(llama.charsmap).toHaveLength(0)
})

const load = (model: Uint8Array, tokenizer_class = 'T5Tokenizer') =>
  tokenizerOf({
    'tokenizer_config.json': { tokenizer_class },
    ...(tokenizer_class === 'T5Tokenizer' ? { 'spiece.model': model } : { 'tokenizer.model': model }),
  })

test('a file cut anywhere is refused, or is a smaller model', () => {
  const bytes = bytesOf('t5.model')
  for (let length = 0; length < bytes.length; length += 7) {
    try {
      load(bytes.subarray(0, length))
    } catch (error) {
      expect(error).toBeInstanceOf(TokenizerError)
    }
  }
  expect(() => load(bytes.subarray(0, 1000))).toThrow('spiece.model is no SentencePiece model')
})

test('what is no model at all is refused by name', () => {
  const text = (content: string) => new TextEncoder().encode(content)
  expect(() => load(text('version https://git-lfs.github.com/spec/v1\noid sha256:0'))).toThrow(
    'spiece.model is no SentencePiece model: unknown wire type 6',
  )
  expect(() => load(new Uint8Array(0))).toThrow('it has no pieces')
  expect(() => load(Uint8Array.from({ length: 40 }, () => 0xff))).toThrow('does not end')
  expect(() => load(text('IQ== 0\nnot a rank'), 'LlamaTokenizer')).toThrow('tokenizer.model: line 2')
  expect(() => load(bytesOf('t5.model'), 'PreTrainedTokenizerFast')).toThrow('only a tokenizer_class says')
})
