/** @file A tokenizer compared with all that was recorded of Python's. */
import { expect } from 'vitest'
import type { PreTrainedTokenizer } from '../src'
import { digest, digests } from './fixtures'

export interface Recorded {
  /** The first line's answer; the converter's own tokenizer.json leaves it to the digests. */
  full?: unknown
  digests: string
  roles: Record<string, string>
  added: unknown
  special: unknown
  size: number[]
  inputs: string[]
  sides: string[]
  padType: number
  maxLength: number
}

/** Whether a tokenizer is what `record` in `converters.py` recorded. */
export function agrees(
  tokenizer: PreTrainedTokenizer,
  recorded: Recorded,
  { lines, pair }: { lines: readonly string[]; pair: string },
): void {
  const { full, digests: joined, ...properties } = recorded
  const added = tokenizer.addedTokens.map(([id, token]) => {
    const { content, single_word, lstrip, rstrip, normalized, special } = token
    return [id, content, single_word, lstrip, rstrip, normalized, special]
  })
  const special = tokenizer.allSpecialTokens
  const roles = {
    bos_token: tokenizer.bosToken,
    eos_token: tokenizer.eosToken,
    unk_token: tokenizer.unkToken,
    sep_token: tokenizer.sepToken,
    pad_token: tokenizer.padToken,
    cls_token: tokenizer.clsToken,
    mask_token: tokenizer.maskToken,
  }
  expect({
    roles,
    added: Array.isArray(recorded.added) ? added : digest(added),
    special: Array.isArray(recorded.special) ? special : digest(special),
    size: [tokenizer.vocabSize, tokenizer.length],
    inputs: tokenizer.modelInputNames,
    sides: [tokenizer.paddingSide, tokenizer.truncationSide],
    padType: tokenizer.padTokenTypeId,
    maxLength: tokenizer.modelMaxLength,
  }).toEqual(properties)
  if (full !== undefined) expect(answer(tokenizer, lines[0]!, pair)).toEqual(full)
  const expected = digests(joined)
  expect(expected).toHaveLength(lines.length)
  expect(lines.filter((line, i) => digest(answer(tokenizer, line, pair)) !== expected[i])).toEqual([])
}

function answer(tokenizer: PreTrainedTokenizer, line: string, pair: string): unknown[] {
  const options = {
    padding: false,
    returnOffsetsMapping: true,
    returnSpecialTokensMask: true,
    returnTokenTypeIds: true,
  }
  const one = tokenizer(line, options)
  const two = tokenizer(line, pair, options)
  return [
    one.input_ids,
    one.tokens(),
    one.offset_mapping,
    one.special_tokens_mask,
    one.wordIds(),
    two.input_ids,
    two.token_type_ids,
    two.sequenceIds(),
    tokenizer.decode(one.input_ids),
    tokenizer.decode(one.input_ids, { skipSpecialTokens: true }),
  ]
}
