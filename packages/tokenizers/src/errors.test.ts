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
      'a pattern with what only Oniguruma has',
      broken({
        pre_tokenizer: { type: 'Split', pattern: { Regex: 'a\\Kb' }, behavior: 'Removed', invert: false },
      }),
      'The pattern "a\\\\Kb" has \\K, which JavaScript has no equal for',
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

const split = { type: 'Split', pattern: { String: ' ' }, behavior: 'Removed', invert: false }
const template = { type: 'TemplateProcessing', single: [], pair: [], special_tokens: {} }
const bert = { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, lowercase: true }
const ctc = { type: 'CTC', pad_token: '<pad>', word_delimiter_token: '|', cleanup: true }
const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true }

describe('a field that is wrong is named', () => {
  test.each([
    [
      'normalizer',
      { type: 'Strip', strip_left: 'yes', strip_right: true },
      '"strip_left" must be true or false; it is "yes"',
    ],
    ['normalizer', { ...bert, lowercase: 1 }, '"lowercase" must be true or false; it is 1'],
    ['normalizer', { ...bert, strip_accents: 'no' }, '"strip_accents" must be true or false, or null'],
    ['normalizer', { type: 'Prepend' }, '"prepend" is missing'],
    ['normalizer', { type: 'Replace', content: '' }, '"pattern" is missing'],
    [
      'normalizer',
      { type: 'Replace', pattern: 'a', content: '' },
      '"pattern" must be {"String": …} or {"Regex": …}',
    ],
    ['normalizer', { type: 'Replace', pattern: { Regex: 1 }, content: '' }, '"pattern" must be'],
    [
      'normalizer',
      { type: 'Replace', pattern: { String: 'a' }, content: null },
      '"content" must be a string; it is null',
    ],
    [
      'normalizer',
      { type: 'Precompiled', precompiled_charsmap: [] },
      '"precompiled_charsmap" must be a string; it is a list of 0',
    ],
    ['normalizer', { type: 'Sequence', normalizers: {} }, '"normalizers" must be a list; it is {}'],
    ['pre_tokenizer', { ...split, behavior: 'Kept' }, '"behavior" must be "Removed" or "Isolated"'],
    ['pre_tokenizer', { ...split, invert: undefined }, '"invert" is missing'],
    [
      'pre_tokenizer',
      { type: 'Digits', individual_digits: 'true' },
      '"individual_digits" must be true or false',
    ],
    ['pre_tokenizer', { type: 'Punctuation', behavior: 1 }, '"behavior" must be'],
    ['pre_tokenizer', { type: 'CharDelimiterSplit', delimiter: 'ab' }, '"delimiter" must be one character'],
    ['pre_tokenizer', { type: 'FixedLength', length: 1.5 }, '"length" must be a whole number'],
    ['pre_tokenizer', { type: 'FixedLength', length: 0 }, 'FixedLength'],
    ['pre_tokenizer', { type: 'Metaspace', replacement: '' }, '"replacement" must be one character'],
    [
      'pre_tokenizer',
      { type: 'Metaspace', replacement: '_', prepend_scheme: 'last' },
      '"prepend_scheme" must be "first" or',
    ],
    ['pre_tokenizer', { ...byteLevel, use_regex: 'no' }, '"use_regex" must be true or false'],
    ['pre_tokenizer', { type: 'Sequence' }, '"pretokenizers" is missing'],
    ['post_processor', { ...template, single: 'A' }, '"single" must be a list of'],
    [
      'post_processor',
      { ...template, pair: [{ Sequence: { id: 'C', type_id: 0 } }] },
      '"pair" must be a list of',
    ],
    ['post_processor', { ...template, single: [{ Sequence: { id: 'B', type_id: 0 } }] }, 'single texts'],
    [
      'post_processor',
      { ...template, special_tokens: { S: { id: 'S', ids: [1, 2], tokens: ['S'] } } },
      'as many ids as tokens',
    ],
    [
      'post_processor',
      { type: 'BertProcessing', sep: ['[SEP]'], cls: ['[CLS]', 1] },
      '"sep" must be a list of a token and its id',
    ],
    ['post_processor', { type: 'RobertaProcessing', sep: ['</s>', 1], cls: ['<s>', '0'] }, '"cls" must be'],
    ['post_processor', { type: 'Sequence', processors: null }, '"processors" must be a list; it is null'],
    ['decoder', { type: 'WordPiece', prefix: 2, cleanup: true }, '"prefix" must be a string; it is 2'],
    ['decoder', { type: 'Strip', content: ' ', start: -1, stop: 0 }, '"start" must be a whole number'],
    ['decoder', { type: 'Strip', content: '', start: 1, stop: 0 }, '"content" must be one character'],
    ['decoder', { ...ctc, cleanup: 'x' }, '"cleanup" must be true or false'],
    ['decoder', { type: 'BPEDecoder' }, '"suffix" is missing'],
    ['decoder', { ...byteLevel, trim_offsets: null }, '"trim_offsets" must be true or false; it is null'],
    ['decoder', 'Fuse', 'Unknown decoder "Fuse"'],
    ['decoder', ['Fuse'], 'Unknown decoder a list of 1'],
  ])('%s %j', (kind, component, message) => {
    const load = () => tokenizerOf(broken({ [kind]: component }))
    expect(load).toThrow(TokenizerError)
    expect(load).toThrow(message)
    expect(load).toThrow(typeof component === 'object' && 'type' in component ? component.type : kind)
  })

  test.each([
    ['normalizer', 'normalizers'],
    ['pre_tokenizer', 'pretokenizers'],
    ['post_processor', 'processors'],
    ['decoder', 'decoders'],
  ])('a %s of 10,000 sequences in one another', (kind, field) => {
    let component: object = { type: 'Sequence', [field]: [] }
    for (let depth = 0; depth < 10_000; depth++) component = { type: 'Sequence', [field]: [component] }
    const load = () => tokenizerOf(broken({ [kind]: component }))
    expect(load).toThrow(TokenizerError)
    expect(load).toThrow(`The ${kind} of tokenizer.json nests components more than`)
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
    ['no text', () => tokenizer(undefined as unknown as string), 'There is nothing to encode'],
    ['a text that is none', () => tokenizer(7 as unknown as string), 'it is number'],
    [
      'a strategy that is none',
      () => tokenizer('a', { padding: 'longer' as 'longest' }),
      'padding is "longer"',
    ],
    [
      'no room for the stride',
      () => tokenizer('a', { truncation: true, maxLength: 5, stride: 4 }),
      'stride is 4, but maxLength 5 leaves 3',
    ],
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
