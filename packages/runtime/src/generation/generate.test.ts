import { expect, test } from 'vitest'
import { ExecutionError, InputError } from '../errors'
import { generate } from './generate'
import { argmax, rowsOf } from './numeric'
import { forbid } from './processors/processor'
import { packTexts } from './stop-strings'
import { EOS, endless, HIDDEN, PROMPT, run, settingsWith, ToyDecoder, thrown } from './testing'

test('a stop string ends a sequence in the midst of a token', async () => {
  const plain = (await run(endless)).sequences[0]!
  const texts = Array.from({ length: 48 }, (_, token) => `<${token}>`)
  const [fifth, sixth] = [plain[5]!, plain[6]!]
  const stop = `${fifth}><${String(sixth)[0]}`
  const settings = settingsWith({ ...endless, stop_strings: [stop] })
  const request = { settings, prompts: [PROMPT], tokens: packTexts(texts) }
  const { sequences } = await generate({ decoder: new ToyDecoder() }, request)
  expect([...sequences[0]!]).toEqual([...plain.subarray(0, 7)])
})

test('time ends a generation after the token that it ran out in', async () => {
  const stoppingCriteria = async () => {
    await new Promise((resolve) => setTimeout(resolve, 20))
    return false
  }
  const { sequences } = await run({ ...endless, max_length: 400, max_time: 0.1 }, { stoppingCriteria })
  expect(sequences[0]!.length).toBeGreaterThan(3)
  expect(sequences[0]!.length).toBeLessThan(30)
})

test('what the model gave and what tokens were chosen by are kept apart', async () => {
  const { scores, logits } = await run({
    ...endless,
    repetition_penalty: 1.5,
    output_scores: true,
    output_logits: true,
  })
  expect(scores).toHaveLength(12)
  const first = await new ToyDecoder().read([PROMPT])
  expect(logits![0]).toEqual(first)
  expect(scores![0]![30]).toBe(first[30])
  expect(scores![0]![28]).not.toBe(first[28])
})

test('prompts are read once, however many sequences go on from each', async () => {
  const decoder = new ToyDecoder()
  const settings = settingsWith({ mode: 'sample', do_sample: true, num_return_sequences: 3, max_length: 8 })
  const { sequences } = await generate({ decoder }, { settings, prompts: [PROMPT, PROMPT], seed: 2 })
  expect(sequences).toHaveLength(6)
  expect(decoder.readings[0]).toBe(3)
  expect(decoder.readings.slice(1).every((count) => count === 1)).toBe(true)
})

test('guidance follows beams as they change places', async () => {
  const settings = settingsWith({ mode: 'beam_search', num_beams: 3, max_length: 12, guidance_scale: 1.5 })
  const request = { settings, prompts: [PROMPT] }
  const { sequences } = await generate(
    { decoder: new ToyDecoder(), unconditional: new ToyDecoder() },
    request,
  )
  // Three tokens after the prompt's last one both read the same, and guidance changes nothing any more.
  const plain = await generate(
    { decoder: new ToyDecoder() },
    { settings: { ...settings, guidance_scale: 1 }, prompts: [sequences[0]!.slice(0, 6)] },
  )
  expect(plain.sequences[0]).toEqual(sequences[0])
})

test.each([
  ['constant', [3, 3, 3]],
  ['heuristic', [3, 5, 7]],
] as const)('a draft model that is right proposes more in a %s schedule', async (schedule, proposed) => {
  const settings = settingsWith({
    ...endless,
    mode: 'assisted_generation',
    max_length: 60,
    num_assistant_tokens: 3,
    num_assistant_tokens_schedule: schedule,
    assistant_confidence_threshold: 0,
  })
  const decoder = new ToyDecoder()
  await generate({ decoder, draft: new ToyDecoder() }, { settings, prompts: [PROMPT] })
  // The first reading has the prompt's tokens besides the proposed ones, the others the last token that was chosen.
  const [first, ...others] = decoder.readings
  expect([first! - 3, ...others.map((count) => count - 1)].slice(0, 3)).toEqual(proposed)
})

test('a draft model stops where it is not sure', async () => {
  const settings = settingsWith({
    ...endless,
    mode: 'assisted_generation',
    assistant_confidence_threshold: 1,
  })
  const decoder = new ToyDecoder()
  await generate({ decoder, draft: new ToyDecoder() }, { settings, prompts: [PROMPT] })
  // One token that may have been right, and the one after it.
  expect(Math.max(...decoder.readings.slice(1))).toBe(2)
})

test('assisted decoding without a model to assist is refused', async () => {
  await expect(run({ mode: 'assisted_generation' })).rejects.toThrow(InputError)
})

test('a token that can not be drawn is an error of the generation', async () => {
  const settings = {
    mode: 'sample',
    do_sample: true,
    suppress_tokens: Array.from({ length: 48 }, (_, i) => i),
  } as const
  const error = await thrown(run(settings))
  expect(error).toBeInstanceOf(ExecutionError)
  expect(error.message).toContain('No token is left to draw')
})

test.each([
  ['greedy_search', {}],
  ['contrastive_search', { penalty_alpha: 0.5, top_k: 3 }],
] as const)('hidden states of each step are those of the tokens it read: %s', async (mode, changes) => {
  const settings = settingsWith({ ...endless, ...changes, mode })
  const request = {
    settings,
    prompts: [PROMPT, Int32Array.of(9, 8, 7)],
    hiddenOutput: HIDDEN,
    lists: ['hidden_states'],
  }
  const { sequences, steps } = await generate({ decoder: new ToyDecoder() }, request)
  expect(steps).toHaveLength(12)
  for (const [step, outputs] of steps!.entries()) {
    const alone = new ToyDecoder()
    if (step > 0) await alone.read(sequences.map((row) => row.subarray(0, 2 + step)))
    await alone.read(sequences.map((row) => row.subarray(step > 0 ? 2 + step : 0, 3 + step)))
    expect(outputs).toEqual({ [HIDDEN]: alone.outputs()[HIDDEN] })
  }
})

test('hidden states of prompts that were read once are given for each sequence', async () => {
  const settings = settingsWith({ mode: 'beam_search', num_beams: 3, max_length: 6 })
  const { steps } = await generate(
    { decoder: new ToyDecoder() },
    { settings, prompts: [PROMPT], lists: ['hidden_states'] },
  )
  expect(steps!.map((step) => step[HIDDEN]!.shape)).toEqual([
    [3, 3, 12],
    [3, 1, 12],
    [3, 1, 12],
  ])
  const { data } = steps![0]![HIDDEN]!
  expect(data.slice(36, 72)).toEqual(data.slice(0, 36))
})

/** Takes several of its likeliest tokens in one run. */
class FollowingDecoder extends ToyDecoder {
  readonly forbids = true
  runs = 0
  async follow(
    tokens: readonly Int32Array[],
    most: number,
    ends: readonly number[],
    forbidden: readonly number[] = [],
  ): Promise<Int32Array[]> {
    this.runs++
    const steps: Int32Array[] = []
    let last = tokens
    do {
      const scores = await this.read(last)
      for (const row of rowsOf(scores, last.length)) forbid(row, forbidden)
      steps.push(Int32Array.from(rowsOf(scores, last.length), argmax))
      last = Array.from(steps.at(-1)!, (token) => Int32Array.of(token))
    } while (steps.length < most && !steps.at(-1)!.some((token) => ends.includes(token)))
    return steps
  }
}

test('several tokens of one run are those of several runs, told one by one', async () => {
  const prompts = [26, 3, 41, 17].map((first) => Int32Array.of(first, 28, 4))
  for (const settings of [settingsWith({ max_length: 40 }), settingsWith({ ...endless, max_length: 33 })]) {
    const told: number[][] = []
    const onTokens = (tokens: Int32Array) => {
      told.push([...tokens])
    }
    const decoder = new FollowingDecoder()
    const { sequences } = await generate({ decoder }, { settings, prompts }, { onTokens })
    const plain = await generate({ decoder: new ToyDecoder() }, { settings, prompts })
    expect(sequences).toEqual(plain.sequences)
    expect(decoder.runs).toBeLessThan(told.length)
    expect(told).toEqual(told.map((_, step) => sequences.map((row) => row[3 + step])))
  }
})

test.each([
  ['always', { suppress_tokens: [41, 3, 28] }],
  ['at first', { begin_suppress_tokens: [41, 3, 28, 26, EOS] }],
  ['both', { suppress_tokens: [41, 28], begin_suppress_tokens: [3, 26, EOS] }],
] as const)('tokens that are forbidden are forbidden in all steps of a run: %s', async (_, changes) => {
  const settings = settingsWith({ ...endless, ...changes, max_length: 33 })
  const prompts = [26, 3, 41, 17].map((first) => Int32Array.of(first, 28, 4))
  const decoder = new FollowingDecoder()
  const { sequences } = await generate({ decoder }, { settings, prompts })
  const plain = await generate({ decoder: new ToyDecoder() }, { settings, prompts })
  expect(sequences).toEqual(plain.sequences)
  const free = await generate(
    { decoder: new ToyDecoder() },
    { settings: settingsWith({ ...endless, max_length: 33 }), prompts },
  )
  expect(sequences).not.toEqual(free.sequences)
  expect(decoder.runs).toBeGreaterThan(0)
  expect(decoder.runs).toBeLessThan(12)
})

test('whoever looks at scores gets them of each step', async () => {
  const decoder = new FollowingDecoder()
  const request = { settings: settingsWith({ ...endless, output_scores: true }), prompts: [PROMPT] }
  expect((await generate({ decoder }, request)).scores).toHaveLength(12)
  expect(decoder.runs).toBe(0)
})
