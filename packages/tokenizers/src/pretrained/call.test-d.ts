import { expectTypeOf, test } from 'vitest'
import { AutoTokenizer, type IntegerTensor } from '..'

test('what a call gives follows from what it was given', async () => {
  const tokenizer = await AutoTokenizer.fromPretrained('org/name', {
    revision: 'main',
    addPrefixSpace: true,
    paddingSide: 'left',
    clsToken: '<cls>',
    srcLang: 'deu_Latn',
  })
  // @ts-expect-error there is no such setting
  await AutoTokenizer.fromPretrained('org/name', { padding_side: 'left' })
  // @ts-expect-error nor such a side
  await AutoTokenizer.fromFiles({}, { paddingSide: 'top' })

  expectTypeOf(tokenizer('a').input_ids).toEqualTypeOf<number[]>()
  expectTypeOf(tokenizer(['a']).input_ids).toEqualTypeOf<number[][]>()
  const translated = tokenizer('a', { textTarget: ['b'] })
  expectTypeOf(translated.input_ids).toEqualTypeOf<number[]>()
  expectTypeOf(translated.labels).toEqualTypeOf<number[][]>()
  const tensors = tokenizer(['a'], { textTarget: ['b'], returnTensors: true })
  expectTypeOf(tensors.labels).toEqualTypeOf<IntegerTensor>()
  expectTypeOf(tokenizer(undefined, { textTarget: 'b' }).input_ids).toEqualTypeOf<number[]>()
  const later = await tokenizer.callAsync('a', { textTarget: 'b' })
  expectTypeOf(later.labels).toEqualTypeOf<number[]>()

  expectTypeOf(tokenizer('a').charToToken(3)).toEqualTypeOf<number | null>()
  expectTypeOf(tokenizer('a').charToToken(0, 3, 1)).toEqualTypeOf<number | null>()
  tokenizer.padTokenId = tokenizer.eosTokenId
  tokenizer.additionalSpecialTokens = ['<a>', { content: '<b>', lstrip: true }]
})
