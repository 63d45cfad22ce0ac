/** @file Every collator against the batches that Python makes of the same items, masked ones with the same seeds. */
import { readFile } from 'node:fs/promises'
import { AutoTokenizer, type PreTrainedTokenizer } from '@webformers/tokenizers'
import { beforeAll, expect, test } from 'vitest'
import recorded from '../../../fixtures/collators.json'
import { CollateError, OptionError } from '../../errors'
import { type Tensor, tensor } from '../../tensor'
import type { Collator } from './collate'
import { defaultDataCollator } from './default'
import { DataCollatorWithFlattening } from './flattening'
import { DataCollatorForLanguageModeling, DataCollatorForWholeWordMask } from './language-modeling'
import {
  DataCollatorForMultipleChoice,
  DataCollatorForSeq2Seq,
  DataCollatorForTokenClassification,
  DataCollatorWithPadding,
} from './padding'

interface Case {
  name: string
  collator: string
  tokenizer: string | null
  options: Record<string, unknown>
  batches: object[][]
  answers: Record<string, { dtype: string; shape: number[]; values: (number | boolean)[] }>[]
}

const tokenizers: Record<string, PreTrainedTokenizer> = {}
async function load(name: string): Promise<PreTrainedTokenizer> {
  const files = ['tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json']
  const folder = new URL(`../../../fixtures/tiny/${name}/`, import.meta.url)
  const blobs = files.map(async (file) => [
    file,
    new Blob([new Uint8Array(await readFile(new URL(file, folder)))]),
  ])
  return AutoTokenizer.fromPretrained(Object.fromEntries(await Promise.all(blobs)))
}
beforeAll(async () => {
  for (const name of ['bert-base', 'roberta-fill-mask']) tokenizers[name] = await load(name)
  const left = await load('bert-base')
  left.paddingSide = 'left'
  tokenizers['bert-base:left'] = left
})

/** As BART does: one to the right, where the first is token 2, and what is left out is padding. */
const shiftsLabels = {
  prepareDecoderInputIdsFromLabels: ({ shape, data }: Tensor): Tensor => {
    const length = shape[1]!
    const shifted = (_: unknown, i: number) => (i % length === 0 ? 2 : Math.max(Number(data[i - 1]), 0))
    return { dtype: 'int32', shape, data: Int32Array.from({ length: data.length }, shifted) }
  },
}

const collators: Record<string, (options: { tokenizer: PreTrainedTokenizer }) => Collator> = {
  default: () => defaultDataCollator,
  padding: DataCollatorWithPadding,
  'language-modeling': DataCollatorForLanguageModeling,
  'whole-word-mask': DataCollatorForWholeWordMask,
  seq2seq: DataCollatorForSeq2Seq,
  'seq2seq:shift': (options) => DataCollatorForSeq2Seq({ ...options, model: shiftsLabels }),
  'token-classification': DataCollatorForTokenClassification,
  'multiple-choice': DataCollatorForMultipleChoice,
  flattening: ({ tokenizer: _, ...options }) => DataCollatorWithFlattening(options),
}

test.each(recorded as unknown as Case[])('$collator: $name', (expected) => {
  const collate = collators[expected.collator]!({
    ...expected.options,
    tokenizer: tokenizers[expected.tokenizer ?? 'bert-base']!,
  })
  const batches = expected.batches.map((features) => collate(features))
  const answers = expected.answers.map((batch) =>
    Object.fromEntries(
      Object.entries(batch).map(([name, { dtype, shape, values }]) => [
        name,
        tensor(values.length > 0 ? values.map(Number) : [], shape, dtype as Tensor['dtype']),
      ]),
    ),
  )
  expect(batches).toEqual(answers)
})

const bert = () => tokenizers['bert-base']!
const ids = (...list: number[]) => ({ input_ids: list })
const padding = () => DataCollatorWithPadding({ tokenizer: bert() })

test.each<[string, () => Collator, unknown[], string]>([
  ['no items', padding, [], 'A batch needs at least one item'],
  [
    'an item that is none',
    padding,
    [ids(1), 5],
    'Item 1 of the batch is the number 5, but must be an object',
  ],
  ['a missing key', padding, [{ ...ids(1), label: 0 }, ids(2)], 'Item 1 of the batch has no "label"'],
  ['no ids', padding, [{ text: 'hello' }], 'have text, but no "input_ids" to pad'],
  ['a text', padding, [{ ...ids(1), text: 'hello' }], 'Item 0 of the batch has the string "hello" in "text"'],
  [
    'nothing',
    padding,
    [
      { ...ids(1), label: 1 },
      { ...ids(1), label: null },
    ],
    'Item 1 of the batch has null in "label"',
  ],
  ['ids in rows', padding, [{ input_ids: [[1, 2]] }], 'has [1,2] numbers in "input_ids", but a flat list'],
  [
    'labels of tokens',
    padding,
    [
      { ...ids(1, 2), labels: [0, 1] },
      { ...ids(1), labels: [0] },
    ],
    'Item 1 of the batch has a list of 1 in "labels", but the first item has a list of 2',
  ],
  [
    'uneven parts',
    () => defaultDataCollator,
    [{ x: [[1], [2, 3]] }],
    'Item 0 of the batch has a list of 1 beside a list of 2 in "x"',
  ],
  [
    'a number too large',
    () => defaultDataCollator,
    [{ x: [1, 2] }, { x: [3, 2 ** 40] }],
    'Item 1 of the batch has 1099511627776 in "x"',
  ],
  [
    'choices',
    () => DataCollatorForMultipleChoice({ tokenizer: bert() }),
    [{ input_ids: [[1], [2]] }, { input_ids: [[1]] }],
    'Item 1 of the batch has 1 choices in "input_ids", but the first item has 2',
  ],
  [
    'no offsets',
    () => DataCollatorForLanguageModeling({ tokenizer: bert(), wholeWordMask: true }),
    [ids(1)],
    'have no "offset_mapping"',
  ],
])("an item that can't be collated: %s", (_, collator, features, message) => {
  const collate = () => collator()(features as object[])
  expect(collate).toThrow(CollateError)
  expect(collate).toThrow(message)
})

test('options that make no sense', () => {
  const tokenizer = bert()
  expect(() => DataCollatorForLanguageModeling({ tokenizer, mlmProbability: 15 })).toThrow(OptionError)
  expect(() => DataCollatorForWholeWordMask({ tokenizer, randomReplaceProb: 0.5 })).toThrow(
    'must not exceed 1',
  )
  expect(() => DataCollatorWithFlattening({ returnFlashAttnKwargs: true } as object)).toThrow(
    'flash attention',
  )
})

test('typed arrays, tensors and bigints are numbers like others', () => {
  const features = [
    {
      input_ids: new Int32Array([1, 2]),
      label: 1n,
      pixels: new Float32Array([1, 2]),
      bytes: new Uint8Array([7]),
    },
    { input_ids: tensor([3]), label: 0n, pixels: new Float32Array([3, 4]), bytes: new Uint8Array([8]) },
  ]
  expect(padding()(features)).toEqual({
    input_ids: tensor([
      [1, 2],
      [3, 0],
    ]),
    attention_mask: tensor([
      [1, 1],
      [1, 0],
    ]),
    labels: tensor([1, 0]),
    pixels: tensor(
      [
        [1, 2],
        [3, 4],
      ],
      undefined,
      'float32',
    ),
    bytes: { dtype: 'uint8', shape: [2, 1], data: new Uint8Array([7, 8]) },
  })
})
