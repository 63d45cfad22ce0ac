import { describe, expect, test } from 'vitest'
import type { Recorded } from '../../../models/src/testing/generation'
import { IndexOutOfRangeError, InputError, OptionError, SequenceTooLongError } from '../all-errors'
import type { PreTrainedModel } from '../model'
import { type Tensor, toList } from '../tensor'
import { openRecorded, recordedFiles } from '../testing/recorded-models'
import type { GenerateOptions } from './call'

const read = async (repository: string): Promise<Recorded> =>
  JSON.parse(await (await recordedFiles[`${repository}/generation.json`]!()).text())

/** A model, and what Python generated with it. */
async function open(repository: string, device: 'wasm' | 'webgpu' = 'wasm') {
  const recorded = await read(repository)
  const { input_ids, attention_mask } = recorded
  return {
    model: await openRecorded(repository, { device }),
    recorded,
    inputs: { input_ids, attention_mask },
  }
}

/** Python's settings of the recordings: no end unless one is asked for. */
const plain = ({ pad_token_id: padTokenId, new_tokens: maxNewTokens }: Recorded): GenerateOptions => ({
  padTokenId,
  maxNewTokens,
  eosTokenId: null,
})
const rows = (sequences: Tensor) => toList<number[][]>(sequences)
const one = { input_ids: [[7, 8, 9]] }

const models = {
  wasm: ['llama/causal-lm', 'gpt2/causal-lm', 't5/conditional-generation'],
  webgpu: ['llama/causal-lm'],
} as const

describe.each(['wasm', 'webgpu'] as const)('%s', { timeout: 120_000 }, (device) => {
  test.each(models[device])(
    '%s: ten prompts, three searches, token for token as Python',
    async (repository) => {
      const { model, recorded, inputs } = await open(repository, device)
      await using _ = model
      const options = plain(recorded)
      const { eos_token_id: eosTokenId } = recorded
      expect(rows(await model.generate(inputs, options))).toEqual(recorded.greedy)
      expect(rows(await model.generate(inputs, { ...options, eosTokenId }))).toEqual(recorded.ended)
      const beams = await model.generate(inputs, { ...options, eosTokenId, numBeams: 3 })
      expect(rows(beams)).toEqual(recorded.beams)
    },
  )
})

describe('llama', () => {
  const llama = () => open('llama/causal-lm')
  /** Greedy, from one prompt. */
  const answer = async (model: PreTrainedModel, options: GenerateOptions = {}) =>
    rows(await model.generate(one, { maxNewTokens: 12, eosTokenId: null, ...options }))[0]!

  test('draws are made with a seed; of one token to choose from they are greedy', async () => {
    const { model } = await llama()
    await using _ = model
    const draw = (seed: number, topK = 0) => answer(model, { doSample: true, temperature: 1.5, topK, seed })
    expect(await draw(1)).toEqual(await draw(1))
    expect(await draw(2)).not.toEqual(await draw(1))
    expect(await draw(3, 1)).toEqual(await answer(model))
  })

  test('what was asked for besides has Python’s names and equals what a call without a cache gives', async () => {
    const { model, inputs } = await llama()
    await using _ = model
    const { sequences, logits, hidden_states, attentions } = await model.generate(inputs, {
      maxNewTokens: 4,
      eosTokenId: null,
      padTokenId: 0,
      returnDictInGenerate: true,
      outputLogits: true,
      outputHiddenStates: true,
      outputAttentions: true,
    })
    const ids = rows(sequences)[0]!
    const whole = await model({ input_ids: [ids] }, { outputHiddenStates: true, outputAttentions: true })
    const last = ids.length - 2 // where the last token was chosen
    const vocabulary = logits![3]!.shape[1]!
    expectNear(
      logits![3]!.data.slice(0, vocabulary),
      (whole as unknown as { logits: Tensor }).logits.data.slice(last * vocabulary, (last + 1) * vocabulary),
    )
    const width = hidden_states![3]![1]!.shape[2]!
    expect(hidden_states).toHaveLength(4)
    expectNear(
      hidden_states![3]![1]!.data.slice(0, width),
      whole.hidden_states![1]!.data.slice(last * width, (last + 1) * width),
    )
    const heads = attentions![3]![0]!.shape[1]!
    expect(attentions![3]![0]!.shape).toEqual([10, heads, 1, ids.length - 1])
    const row = whole.attentions![0]!.data.slice(last * ids.length, last * ids.length + ids.length - 1)
    expectNear(attentions![3]![0]!.data.slice(0, ids.length - 1), row)
  })

  test('tokens are streamed as they come; who leaves the loop ends it', async () => {
    const { model } = await llama()
    await using _ = model
    const expected = (await answer(model)).slice(3)
    const options = { maxNewTokens: 12, eosTokenId: null }
    const found: number[] = []
    for await (const tokens of model.stream(one, options)) found.push(...tokens)
    expect(found).toEqual(expected)

    const few: number[] = []
    for await (const tokens of model.stream(one, { ...options, maxNewTokens: 2000 })) {
      few.push(...tokens)
      if (few.length === 3) break
    }
    expect(few).toEqual(expected.slice(0, 3))

    const put: number[][] = []
    let ends = 0
    const streamer = { put: (tokens: Int32Array) => void put.push([...tokens]), end: () => void ends++ }
    await model.generate(one, { ...options, streamer })
    expect([put, ends]).toEqual([[[7, 8, 9], ...expected.map((token) => [token])], 1])
  })

  test('an abort ends it at once; the model goes on', async () => {
    const { model } = await llama()
    await using _ = model
    const controller = new AbortController()
    const reason = new Error('enough')
    const found: number[] = []
    const long = async () => {
      const { signal } = controller
      for await (const tokens of model.stream(one, { maxNewTokens: 4000, eosTokenId: null, signal })) {
        found.push(...tokens)
        if (found.length === 2) controller.abort(reason)
      }
    }
    await expect(long()).rejects.toBe(reason)
    const { sequences } = reason as Error & { sequences: Int32Array[] }
    expect([...sequences[0]!].slice(0, 5)).toEqual([7, 8, 9, ...found.slice(0, 2)])
    expect((await answer(model)).slice(3, 5)).toEqual(found.slice(0, 2))
  })

  test('functions of the page shape scores, allow tokens and end texts; what they throw is thrown', async () => {
    const { model } = await llama()
    await using _ = model
    const logitsProcessor = (_: readonly Int32Array[], scores: Float32Array) => {
      scores[11] = 1e4
      return scores
    }
    expect((await answer(model, { logitsProcessor })).slice(3)).toEqual(Array(12).fill(11))
    const prefixAllowedTokensFn = (_: number, sequence: Int32Array) => [sequence.length % 2 === 0 ? 20 : 21]
    expect((await answer(model, { prefixAllowedTokensFn })).slice(3, 7)).toEqual([21, 20, 21, 20])
    const stoppingCriteria = ([sequence]: readonly Int32Array[]) => sequence!.length === 8
    expect(await answer(model, { stoppingCriteria })).toEqual((await answer(model)).slice(0, 8))

    class Mine extends Error {}
    const failing = () => {
      throw new Mine('mine')
    }
    await expect(answer(model, { logitsProcessor: failing })).rejects.toThrow(Mine)
    const stopsLater = ([sequence]: readonly Int32Array[]) => sequence!.length === 6 && failing()
    const error = await answer(model, { stoppingCriteria: stopsLater }).catch((thrown) => thrown)
    expect(error).toBeInstanceOf(Mine)
    expect(error.sequences.map((row: Int32Array) => [...row])).toEqual([(await answer(model)).slice(0, 6)])
    expect(await answer(model)).toHaveLength(15)
  })

  test('an assistant in the same worker guesses; the text is the same', async () => {
    const { model, inputs } = await llama()
    await using _ = model
    await using other = await openRecorded('llama/causal-lm-tied')
    for (const assistantModel of [other, model]) {
      expect(await answer(model, { assistantModel })).toEqual(await answer(model))
    }
    await using t5 = await openRecorded('t5/conditional-generation')
    await expect(answer(model, { assistantModel: t5 })).rejects.toThrow(/same tokens/)
    await expect(model.generate(inputs, { assistantModel: other })).rejects.toThrow(/one prompt/)
  })

  test('several generations at a time take turns and do not meet', async () => {
    const { model, inputs, recorded } = await llama()
    await using _ = model
    const [first, second, batch] = await Promise.all([
      answer(model),
      answer(model, { numBeams: 3 }),
      model.generate(inputs, plain(recorded)),
    ])
    expect(rows(batch)).toEqual(recorded.greedy)
    expect([first, second]).toEqual([await answer(model), await answer(model, { numBeams: 3 })])
  })

  test('what can’t be done is told by name', async () => {
    const { model } = await llama()
    await using _ = model
    const asking = (options: object) => model.generate(one, options as GenerateOptions)
    await expect(asking({ topPee: 0.9 })).rejects.toThrow(/topPee.*topP/)
    await expect(asking({ maxNewTokens: -1 })).rejects.toThrow(OptionError)
    await expect(asking({ stopStrings: ['x'] })).rejects.toThrow(/tokenizer/)
    await expect(model.generate({ input_ids: [[]] })).rejects.toThrow(InputError)
    await expect(model.generate({ input_ids: [[99999]] }, { maxNewTokens: 2 })).rejects.toThrow(
      IndexOutOfRangeError,
    )
    await expect(model.stream(one, { numBeams: 2 }).next()).rejects.toThrow(/Beams can't be streamed/)
    expect(await answer(model)).toHaveLength(15)
  })
})

test('a text ends where the table of positions does; a prompt beyond it is refused', async () => {
  await using model = await openRecorded('gpt2/causal-lm')
  const { n_positions } = model.config as unknown as { n_positions: number }
  const sequences = await model.generate(one, { maxNewTokens: 2 * n_positions, eosTokenId: null })
  expect(sequences.shape).toEqual([1, n_positions])
  const long = { input_ids: [Array.from({ length: n_positions + 1 }, () => 7)] }
  await expect(model.generate(long, { maxNewTokens: 1 })).rejects.toThrow(SequenceTooLongError)
})

function expectNear(found: ArrayLike<number | bigint>, expected: ArrayLike<number | bigint>) {
  expect(found.length).toBe(expected.length)
  const differences = Array.from(found, (value, i) => Math.abs(Number(value) - Number(expected[i])))
  expect(Math.max(...differences)).toBeLessThan(1e-4)
}
