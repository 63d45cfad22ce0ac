/** @file Prompts side by side in one generation, and what was written to each. */
import { InputError } from '@webformers/runtime'
import type { PreTrainedTokenizer } from '@webformers/tokenizers'
import type { GenerateOutput } from '../generation/outputs'
import type { ModelInputs } from '../inputs'
import type { Tensor } from '../tensor'
import { inForce, type Settled } from './generation-options'
import type { Context } from './task'

/** The tokens of one prompt. */
export interface PromptRow {
  readonly ids: readonly number[]
}

/** A prompt and the sequences it became: a decoder's begin with the prompt, padding left out. */
export interface GeneratedRow<Row extends PromptRow> {
  readonly row: Row
  readonly sequences: readonly number[][]
  /** All that the generation gave, where it was asked for. */
  readonly output?: GenerateOutput
}

/** What reads the prompt: a decoder goes on from it, an encoder leaves the answer to its decoder. */
export type Reading = 'decoder' | 'encoder'

/** The inputs of a generation. Nothing reads the padding, so any token serves where there is none for it. */
export function promptBatch(
  rows: readonly (readonly number[])[],
  left: boolean,
  padId: number,
): { input_ids: Tensor<'int32'>; attention_mask: Tensor<'int32'> } {
  const longest = Math.max(...rows.map(({ length }) => length))
  const ids = new Int32Array(rows.length * longest).fill(padId)
  const mask = new Int32Array(ids.length)
  for (const [i, row] of rows.entries()) {
    const start = i * longest + (left ? longest - row.length : 0)
    ids.set(row, start)
    mask.fill(1, start, start + row.length)
  }
  const matrix = (data: Int32Array): Tensor<'int32'> => ({
    dtype: 'int32',
    shape: [rows.length, longest],
    data,
  })
  return { input_ids: matrix(ids), attention_mask: matrix(mask) }
}

/** What generation begins with: a prompt without tokens as the model's texts do.
 * @throws {InputError} when it is not known how they do */
export function beginningOf({ ids }: PromptRow, call: Pick<Settled<unknown>, 'values' | 'config'>) {
  if (ids.length > 0) return ids
  const bos = inForce(call, 'bos_token_id')
  if (bos !== null) return [bos]
  throw new InputError('The prompt is empty, and no bosTokenId says what a text begins with. Give a prompt.')
}

/** Go on from rows, or answer them, as one batch.
 * @param whole whether to give all that the generation gives
 * @param beside what the model reads besides the rows */
export async function generateRows<Row extends PromptRow>(
  rows: readonly Row[],
  reading: Reading,
  call: Settled<unknown>,
  { model, tokenizer, signal }: Context,
  whole = false,
  beside: ModelInputs = {},
): Promise<GeneratedRow<Row>[]> {
  const decodes = reading === 'decoder'
  const prompts = rows.map((row) => beginningOf(row, call))
  const left = decodes || tokenizer.paddingSide === 'left'
  const texts = promptBatch(prompts, left, padding(call, tokenizer))
  const inputs: ModelInputs = { ...texts, ...beside }
  const options = { ...call.options, tokenizer, signal }
  const output = whole
    ? await model.generate(inputs, { ...options, returnDictInGenerate: true as const })
    : undefined
  const { shape, data } =
    output?.sequences ?? (await model.generate(inputs, { ...options, returnDictInGenerate: false as const }))
  const [count = 0, length = 0] = shape
  const each = count / rows.length
  const longest = texts.input_ids.shape[1]!
  return rows.map((row, i) => {
    const start = decodes ? longest - prompts[i]!.length : 0
    const sequences = Array.from({ length: each }, (_, n) => {
      const end = (i * each + n + 1) * length
      return Array.from(data.subarray(end - length + start, end))
    })
    // Of a batch of one, all there is belongs to it.
    if (rows.length === 1) return { row, sequences, ...(output && { output }) }
    const lengths = sequences.map((sequence) => lengthOf(sequence, decodes ? prompts[i]!.length : 1, call))
    return { row, sequences: sequences.map((sequence) => sequence.slice(0, Math.max(...lengths))) }
  })
}

const padding = (call: Settled<unknown>, { padTokenId }: PreTrainedTokenizer) =>
  padTokenId ?? inForce(call, 'pad_token_id') ?? 0

/** How long a sequence is that others in its batch are longer than. */
function lengthOf(sequence: readonly number[], begun: number, call: Settled<unknown>): number {
  const ends = [inForce(call, 'eos_token_id') ?? []].flat()
  const end = sequence.findIndex((token, i) => i >= begun && ends.includes(token))
  if (end >= 0) return end + 1
  const pad = inForce(call, 'pad_token_id')
  return sequence.findLastIndex((token, i) => i < begun || token !== pad) + 1
}
