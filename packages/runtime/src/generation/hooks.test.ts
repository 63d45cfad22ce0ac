import { describe, expect, test } from 'vitest'
import { InputError } from '../errors'
import { generate } from './generate'
import type { GenerationSettings } from './settings'
import { endless, PROMPT, run, settingsWith, ToyDecoder, thrown } from './testing'

const strategies: Readonly<Record<string, Partial<GenerationSettings>>> = {
  greedy_search: {},
  sample: { do_sample: true },
  beam_search: { num_beams: 3 },
  beam_sample: { num_beams: 3, do_sample: true },
  group_beam_search: { num_beams: 4, num_beam_groups: 2, diversity_penalty: 1 },
  contrastive_search: { penalty_alpha: 0.5, top_k: 3 },
  assisted_generation: { prompt_lookup_num_tokens: 3 },
}

describe.each(Object.entries(strategies))('%s', (mode, changes) => {
  const settings = { ...endless, ...changes, mode: mode as GenerationSettings['mode'] }

  test('ends between steps when it is aborted, and keeps what it had', async () => {
    const controller = new AbortController()
    let steps = 0
    const stoppingCriteria = () => {
      if (++steps === 4) controller.abort()
      return false
    }
    const error = await thrown(run(settings, { stoppingCriteria }, controller.signal))
    expect(error.name).toBe('AbortError')
    expect(steps).toBeGreaterThanOrEqual(4)
    expect(error.sequences).toHaveLength(1)
    expect([...error.sequences![0]!.subarray(0, 3)]).toEqual([...PROMPT])
    expect(error.sequences![0]!.length).toBeGreaterThan(3)
    expect(error.sequences![0]!.length).toBeLessThan(15)
  })

  test('ends with what a callback throws, and the next one works', async () => {
    const mine = new RangeError('mine')
    const stoppingCriteria = (rows: readonly Int32Array[]) => {
      if (rows[0]!.length > 5) throw mine
      return false
    }
    expect(await thrown(run(settings, { stoppingCriteria }))).toBe(mine)
    expect((await run(settings)).sequences[0]).toHaveLength(15)
  })
})

test('an abort before the beginning reads nothing', async () => {
  const decoder = new ToyDecoder()
  const request = { settings: settingsWith(), prompts: [PROMPT] }
  await thrown(generate({ decoder }, request, {}, AbortSignal.abort()))
  expect(decoder.readings).toEqual([])
})

test('tokens are told as they are chosen, and nobody waits', async () => {
  const told: number[][] = []
  const { sequences } = await run(
    { ...endless, mode: 'sample', do_sample: true },
    {
      onTokens: async (tokens) => {
        told.push([...tokens])
        await new Promise((resolve) => setTimeout(resolve, 1))
      },
    },
    undefined,
    [PROMPT, Int32Array.of(9, 8, 7)],
  )
  const made = sequences.map((row) => [...row.subarray(3)])
  expect(told).toEqual(made[0]!.map((_, step) => made.map((row) => row[step])))
})

test('assisted decoding tells all that a reading settled at once', async () => {
  const told: number[][] = []
  const onTokens = (tokens: Int32Array) => {
    told.push([...tokens])
  }
  // What is said once will be said again.
  const said = (await run(endless)).sequences[0]!
  const prompts = [Int32Array.of(...said, ...said.subarray(0, 3))]
  const settings = settingsWith({ mode: 'assisted_generation', prompt_lookup_num_tokens: 4, max_length: 28 })
  const { sequences } = await generate({ decoder: new ToyDecoder() }, { settings, prompts }, { onTokens })
  expect(told.flat()).toEqual([...sequences[0]!.subarray(18)])
  expect(Math.max(...told.map(({ length }) => length))).toBeGreaterThan(1)
})

test('a listener that fails later ends the generation with its error', async () => {
  const mine = new Error('the page is gone')
  const onTokens = async () => {
    await Promise.resolve()
    throw mine
  }
  const error = await thrown(run(endless, { onTokens }))
  expect(error).toBe(mine)
  expect(error.sequences![0]!.length).toBeLessThan(15)
})

test('a processor of the page comes after those of the settings, and before sampling', async () => {
  const seen: number[] = []
  const only = (_: readonly Int32Array[], scores: Float32Array) => {
    seen.push(scores[7]!)
    return scores.map((_, token) => (token === 9 ? 1 : Number.NEGATIVE_INFINITY))
  }
  const { sequences, scores } = await run(
    {
      ...endless,
      mode: 'sample',
      do_sample: true,
      suppress_tokens: [7],
      temperature: 2,
      output_scores: true,
    },
    { logitsProcessors: [only] },
  )
  expect([...sequences[0]!.subarray(3)]).toEqual(new Array(12).fill(9))
  expect(seen).toEqual(new Array(12).fill(Number.NEGATIVE_INFINITY))
  expect(scores!.map((step) => step[9])).toEqual(new Array(12).fill(0.5))
})

test('functions of the page get what is theirs to change, in no more memory than it takes', async () => {
  const bytes: number[] = []
  const spoil = ([row]: readonly Int32Array[]) => {
    bytes.push(row!.buffer.byteLength / row!.length)
    row!.fill(0)
  }
  const hooks = {
    logitsProcessors: [
      (rows: readonly Int32Array[], scores: Float32Array) => {
        spoil(rows)
        return scores
      },
    ],
    stoppingCriteria: (rows: readonly Int32Array[]) => {
      spoil(rows)
      return false
    },
  }
  expect((await run(endless, hooks)).sequences).toEqual((await run(endless)).sequences)
  expect(bytes).toEqual(new Array(24).fill(4))
})

test('a processor that gives other than scores is refused', async () => {
  const error = await thrown(run({}, { logitsProcessors: [() => new Float32Array(3)] }))
  expect(error).toBeInstanceOf(InputError)
  expect(error.message).toContain('gave 3 scores, expected the 48 it was given')
})

test('only allowed tokens come, for each prompt its own, beams included', async () => {
  const prefixAllowedTokens = (batches: readonly number[], rows: readonly Int32Array[]) =>
    batches.map((batch, i) => [10 * (batch + 1), 10 * (batch + 1) + (rows[i]!.length % 2) + 1])
  const { sequences } = await run(
    { ...endless, mode: 'beam_search', num_beams: 2 },
    { prefixAllowedTokens },
    undefined,
    [PROMPT, PROMPT],
  )
  for (const [batch, row] of sequences.entries()) {
    for (const [at, token] of row.entries())
      if (at >= 3) expect([10 * (batch + 1), 10 * (batch + 1) + (at % 2) + 1]).toContain(token)
  }
})

test('a prefix function that allows nothing is told so', async () => {
  const error = await thrown(run({}, { prefixAllowedTokens: () => [[]] }))
  expect(error).toBeInstanceOf(InputError)
  expect(error.message).toContain('allowed no token after [26, 28, 4] of prompt 0')
})

test('criteria of the page end rows one by one, and the others go on', async () => {
  const stoppingCriteria = (rows: readonly Int32Array[]) => rows.map((row, i) => i === 0 && row.length >= 5)
  const settings = { eos_token_id: [47], suppress_tokens: [46, 47], pad_token_id: 46, max_length: 9 }
  const { sequences } = await run(settings, { stoppingCriteria }, undefined, [PROMPT, PROMPT])
  expect(sequences[0]!.subarray(0, 5)).toEqual(sequences[1]!.subarray(0, 5))
  expect([...sequences[0]!.subarray(5)]).toEqual([46, 46, 46, 46])
  expect([...sequences[1]!.subarray(5)]).not.toContain(46)
})

test('criteria of the page that answer for too few are refused', async () => {
  const error = await thrown(run({}, { stoppingCriteria: () => [] }))
  expect(error).toBeInstanceOf(InputError)
  expect(error.message).toContain('gave 0 answers for 1 sequences')
})
