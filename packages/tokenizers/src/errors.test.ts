import { describe, expect, test } from 'vitest'
import { filesOf, tokenizerOf } from '../reference/fixtures'
import { TokenizerError, type TokenizerJson } from '.'

/** A small tokenizer.json with one thing wrong in it. */
const broken = (changes: object) => ({
  'tokenizer.json': {
    model: {
      type: 'WordPiece',
      vocab: { '[UNK]': 0, a: 1 },
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
    },
    ...changes,
  } as unknown as TokenizerJson,
})

const bpe = (vocab: object, merges: unknown) => broken({ model: { type: 'BPE', vocab, merges } })
const unigram = (changes: object) =>
  broken({ model: { type: 'Unigram', vocab: [['<unk>', 0]], unk_id: 0, ...changes } })

describe('malformed files name the component', () => {
  test.each([
    ['no files', {}, 'No tokenizer in []'],
    ['no model', { 'tokenizer.json': {} as TokenizerJson }, 'has no "model"'],
    ['an unknown model', broken({ model: { type: 'Quantum', vocab: {} } }), 'Unknown model "Quantum"'],
    [
      'an unknown normalizer',
      broken({ normalizer: { type: 'constructor' } }),
      'Unknown normalizer "constructor"',
    ],
    [
      'an unknown pre-tokenizer in a sequence',
      broken({ pre_tokenizer: { type: 'Sequence', pretokenizers: [{ type: 'Nope' }] } }),
      'Unknown pre_tokenizer "Nope"',
    ],
    ['a sequence without parts', broken({ normalizer: { type: 'Sequence' } }), 'The normalizer Sequence'],
    ['a decoder without a type', broken({ decoder: {} }), 'Unknown decoder {}'],
    ['no vocabulary', broken({ model: { type: 'WordPiece' } }), '"vocab" must be an object'],
    ['an id that is no number', broken({ model: { type: 'WordPiece', vocab: { a: 'b' } } }), 'the id of "a"'],
    [
      'a merge of strangers',
      bpe({ a: 0, b: 1 }, ['a b']),
      'merge 1 is ["a","b"], but the vocabulary lacks "ab"',
    ],
    ['a merge of three', bpe({ a: 0 }, ['a b c']), 'merge 1 must be a pair'],
    ['merges that are none', bpe({ a: 0 }, 'a b'), '"merges" must be a list'],
    ['pieces that are none', unigram({ vocab: { a: 1 } }), '"vocab" must be a list'],
    ['a piece without a score', unigram({ vocab: [['a']] }), 'piece 0 must be'],
    ['an unknown piece out of range', unigram({ unk_id: 7 }), 'unk_id is 7'],
    [
      'a pattern JavaScript has no equal for',
      broken({ normalizer: { type: 'Replace', pattern: { Regex: '(?<=a' }, content: '' } }),
      'The pattern "(?<=a"',
    ],
    [
      'a template with a stranger',
      broken({
        post_processor: {
          type: 'TemplateProcessing',
          single: [{ SpecialToken: { id: '[X]', type_id: 0 } }],
          pair: [],
          special_tokens: {},
        },
      }),
      'the template uses "[X]"',
    ],
    [
      'a map that is cut short',
      broken({ normalizer: { type: 'Precompiled', precompiled_charsmap: 'AAA=' } }),
      'Precompiled',
    ],
    [
      'a map that is no base64',
      broken({ normalizer: { type: 'Precompiled', precompiled_charsmap: '!' } }),
      'Precompiled',
    ],
    [
      'two spellings that contradict each other',
      broken({
        pre_tokenizer: {
          type: 'Metaspace',
          replacement: '▁',
          prepend_scheme: 'first',
          add_prefix_space: false,
        },
      }),
      'Metaspace: add_prefix_space',
    ],
  ])('%s', (_, files, message) => {
    const load = () => tokenizerOf(files)
    expect(load).toThrow(TokenizerError)
    expect(load).toThrow(message)
  })
})

describe('calls that cannot be answered say why', () => {
  const tokenizer = tokenizerOf(filesOf('bert-uncased'))
  test.each([
    ['rows of different lengths', () => tokenizer(['a', 'a b'], { returnTensors: true }), 'padding: true'],
    [
      'pairs that do not match',
      () => tokenizer(['a', 'b'], ['c']),
      'The batch has 2 texts, but textPair is 1 texts',
    ],
    ['one string for a batch', () => tokenizer(['a', 'b'], 'c'), 'textPair is one string'],
    ['a list of three', () => tokenizer([['a', 'b', 'c']]), 'isSplitIntoWords'],
    ['no text', () => tokenizer(undefined as unknown as string), 'it is undefined'],
    [
      'a strategy that is none',
      () => tokenizer('a', { padding: 'longer' as 'longest' }),
      'padding is "longer"',
    ],
    ['no room for the special tokens', () => tokenizer('a', { truncation: true, maxLength: 1 }), 'maxLength'],
    ['a row that is not there', () => tokenizer('a').tokens(1), 'There is no row 1'],
    ['encodings without ids', () => tokenizer.pad({ ids: [1] }), 'pad() needs input_ids'],
  ])('%s', (_, call, message) => {
    expect(call).toThrow(TokenizerError)
    expect(call).toThrow(message)
  })

  test('nothing to pad with', () => {
    const bare = tokenizerOf(broken({}))
    expect(() => bare(['a', 'a'], { padding: true })).toThrow('no token to pad with')
    bare.padToken = '[UNK]'
    expect(bare(['a', 'a a'], { padding: true }).input_ids).toEqual([[1], [0]])
  })
})
