import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { logitsProcessors } from './processors'
import type { GenerationSettings } from './settings'
import { packTexts, stopStrings } from './stop-strings'
import { apart, EOS, settingsWith } from './testing'

type Values = readonly (number | string)[]
interface Case {
  readonly config: Readonly<Record<string, unknown>>
  readonly scores: string
  readonly prompt: number
  /** How many tokens of the sequences there are. */
  readonly length: number
  /** The places that can't be chosen any more, and the other scores that changed. */
  readonly forbidden: readonly number[]
  readonly changed: Readonly<Record<string, number | string>>
}

const read = async (name: string) =>
  JSON.parse(await readFile(new URL(`./fixture/${name}.json`, import.meta.url), 'utf8'))
const truth: { scores: Record<string, Values>; encoder: number[][]; sequences: number[][]; cases: Case[] } =
  await read('processors')

const NUMBERS: Readonly<Record<string, number>> = {
  inf: Number.POSITIVE_INFINITY,
  '-inf': Number.NEGATIVE_INFINITY,
  nan: Number.NaN,
}
const numbers = (values: Values) =>
  Float32Array.from(values, (value) => (typeof value === 'string' ? NUMBERS[value]! : value))
const rows = (lists: readonly number[][]) => lists.map((list) => Int32Array.from(list))
const list = (value: unknown) => (value === undefined ? [] : [value].flat()) as number[]

const settingsOf = ({ min_new_tokens = 0, ...config }: Case['config']): GenerationSettings =>
  settingsWith({
    ...(config as Partial<GenerationSettings>),
    min_new_tokens: Number(min_new_tokens),
    eos_token_id: list(config.eos_token_id ?? EOS),
    forced_eos_token_id: list(config.forced_eos_token_id),
  })

test.each(truth.cases.map((each) => [JSON.stringify(each.config), each.scores, each] as const))(
  '%s changes %s scores as Python does',
  async (_, _name, { config, scores, prompt, length, ...after }) => {
    const values = numbers(truth.scores[scores]!)
    const before = rows(truth.sequences).map((row) => row.subarray(0, length))
    const request = {
      settings: settingsOf(config),
      prompts: before.map((row) => row.subarray(0, prompt)),
      encoderInputs: rows(truth.encoder),
    }
    for (const processor of logitsProcessors(request, values.length / before.length, {}))
      await processor.process(before, values)
    const expected = numbers(
      truth.scores[scores]!.map((value, at) =>
        after.forbidden.includes(at) ? '-inf' : (after.changed[at] ?? value),
      ),
    )
    if (config.top_p !== undefined && ['ties', 'equal', 'invalid'].includes(scores)) {
      // Which of equal scores stay is torch's to choose, and differs from one processor to another.
      values.sort()
      expected.sort()
    }
    expect(forbidden(values)).toEqual(forbidden(expected))
    expect(apart(values, expected)).toBeLessThan(1e-6)
  },
)

/** The places of what can't be chosen, which say more than a number when they differ. */
const forbidden = (values: Float32Array) =>
  [...values.entries()].filter(([, value]) => value === Number.NEGATIVE_INFINITY).map(([at]) => at)

const stops: { texts: string[]; sequences: number[][]; sets: { stops: string[]; met: number[] }[] } =
  await read('stop-strings')

test.each(stops.sets)('$stops are found across tokens where Python finds them', ({ stops: texts, met }) => {
  const found = stopStrings(texts, packTexts(stops.texts))
  expect(rows(stops.sequences).map((row) => Number(found(row)))).toEqual(met)
  expect(new Set(met).size).toBe(2)
})

test('a stop string that no token can end is refused', () => {
  expect(() => stopStrings(['snow'], packTexts(stops.texts))).toThrow(
    '["snow"] can\'t come out of this tokenizer',
  )
})
