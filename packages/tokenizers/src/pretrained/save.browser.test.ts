import { expect, test } from 'vitest'
import { AutoTokenizer } from '..'

const BERT = {
  'tokenizer.json': {
    added_tokens: ['[PAD]', '[UNK]', '[CLS]', '[SEP]'].map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: {
      type: 'BertNormalizer' as const,
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: true,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' as const },
    model: {
      type: 'WordPiece' as const,
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: { '[PAD]': 0, '[UNK]': 1, '[CLS]': 2, '[SEP]': 3, i: 4, love: 5, it: 6, '##s': 7, '2': 8 },
    },
  },
  'tokenizer_config.json': { tokenizer_class: 'BertTokenizer', mask_token: null },
}

test('a tokenizer saved in the origin-private file system opens again', async () => {
  const root = await navigator.storage.getDirectory()
  const directory = await root.getDirectoryHandle(crypto.randomUUID(), { create: true })
  const tokenizer = await AutoTokenizer.fromFiles(BERT)
  tokenizer.addTokens(['🤗'])
  tokenizer.paddingSide = 'left'
  tokenizer.chatTemplate = { default: 'ünïcödé 💬', tool_use: 'tools' }
  const paths = await tokenizer.savePretrained(directory)
  expect(paths).toEqual([
    'tokenizer_config.json',
    'special_tokens_map.json',
    'chat_template.jinja',
    'additional_chat_templates/tool_use.jinja',
    'added_tokens.json',
    'vocab.txt',
    'tokenizer.json',
  ])
  const again = await AutoTokenizer.fromPretrained(directory)
  const texts = ['I love its 2', '🤗 it']
  expect({ ...again(texts, { padding: true }) }).toEqual({ ...tokenizer(texts, { padding: true }) })
  expect(again(texts, { padding: true }).input_ids).toEqual([
    [4, 5, 6, 7, 8],
    [0, 0, 0, 9, 6],
  ])
  expect(again.chatTemplate).toEqual(tokenizer.chatTemplate)
  // A shorter file leaves nothing of a longer one behind.
  tokenizer.chatTemplate = 'x'
  await tokenizer.savePretrained(directory)
  const template = await (await directory.getFileHandle('chat_template.jinja')).getFile()
  expect(await template.text()).toBe('x')
  await root.removeEntry(directory.name, { recursive: true })
})
