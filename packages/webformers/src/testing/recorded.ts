/** @file For tests: recorded answers, and models that answer from the recording. */
import { AutoTokenizer, type PreTrainedTokenizer } from '@webformers/tokenizers'
import { expect } from 'vitest'
import type { PreTrainedModel } from '../model'
import { type Nested, type Tensor, tensor } from '../tensor'

/** A call of a pipeline in Python, and what it answered. */
export interface Case {
  model: string
  input: never
  options: Record<string, unknown>
  answer: unknown
}
/** What a model computed for one row, without padding; of a masked language model only the masks' rows, by position. */
export interface Run {
  model: string
  input_ids: number[]
  token_type_ids?: number[]
  [output: string]: unknown
}
export interface Recording {
  cases: Case[]
  runs: Run[]
}

/** A model that computes nothing: for rows it was recorded with it gives the recorded numbers, padded as the batch is. */
export function recordedModel(name: string, runs: readonly Run[], config: object): PreTrainedModel {
  const own = runs.filter(({ model }) => model === name)
  const compute = async (inputs: object) => {
    const { input_ids, attention_mask, token_type_ids, ...unknown } = inputs as Record<string, Tensor>
    expect(Object.keys(unknown)).toEqual([])
    const [rows = 0, length = 0] = input_ids!.shape
    const part = ({ data }: Tensor, row: number) => {
      const kept = Array.from(data.slice(row * length, (row + 1) * length), Number)
      return kept.filter((_, i) => Number(attention_mask!.data[row * length + i]))
    }
    const found = Array.from({ length: rows }, (_, row) => {
      const ids = part(input_ids!, row)
      const types = token_type_ids && part(token_type_ids, row)
      const run = own.find(
        (each) => String(each.input_ids) === String(ids) && String(each.token_type_ids) === String(types),
      )
      expect(run, `no run was recorded for the ids ${ids}`).toBeDefined()
      return run!
    })
    const { model, input_ids: ids, token_type_ids: types, ...outputs } = found[0]!
    return Object.fromEntries(
      Object.keys(outputs).map((output) => [
        output,
        tensor(found.map((run) => padded(run[output], run, length))),
      ]),
    )
  }
  return Object.assign(compute as unknown as PreTrainedModel, { config, dispose: async () => {} })
}

/** A run's output as the batch has it: a value a token up to the length, or a value a row as it is. */
function padded(output: unknown, { input_ids }: Run, length: number): Nested<number> {
  const perToken = Array.isArray(output) && output.length !== input_ids.length ? undefined : output
  if (perToken === undefined) return output as number[]
  const rows = Array.isArray(perToken) ? perToken : []
  const [sample] = Object.values(perToken as object)
  const blank = Array.isArray(sample) ? sample.map(() => 0) : 0
  const at = (i: number) =>
    (Array.isArray(perToken) ? rows[i] : (perToken as Record<number, unknown>)[i]) ?? blank
  return Array.from({ length }, (_, i) => at(i)) as Nested<number>
}

export const openTokenizer = (name: string, fetch: typeof globalThis.fetch): Promise<PreTrainedTokenizer> =>
  AutoTokenizer.fromPretrained(name, { fetch, cache: false })

/** Strings and positions equal, scores within 1e-4. */
export function expectAnswer(answer: unknown, expected: unknown, path = 'answer'): void {
  if (typeof expected === 'number' && (!Number.isInteger(expected) || path.includes('score'))) {
    expect(Math.abs(Number(answer) - expected), `${path}: ${answer} instead of ${expected}`).toBeLessThan(
      1e-4,
    )
  } else if (typeof expected === 'object' && expected !== null) {
    expect(Object.keys(answer as object), path).toEqual(expect.arrayContaining(Object.keys(expected)))
    expect(Object.keys(answer as object), path).toHaveLength(Object.keys(expected).length)
    for (const [key, value] of Object.entries(expected)) {
      expectAnswer((answer as Record<string, unknown>)[key], value, `${path}.${key}`)
    }
  } else expect(answer, path).toBe(expected)
}
