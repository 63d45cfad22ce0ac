import { expect, test } from 'vitest'
import moved from '../../fixtures/generation-moved.json'
import { OptionError } from '../all-errors'
import { toList } from '../tensor'
import { openRecorded, recordedFiles } from '../testing/recorded-models'
import type { GenerateOptions } from './call'

const options: Readonly<Record<string, GenerateOptions>> = {
  contrastive_search: { penaltyAlpha: 0.6, topK: 4 },
  group_beam_search: { numBeams: 4, numBeamGroups: 2, diversityPenalty: 0.7, numReturnSequences: 2 },
  dola_generation: { dolaLayers: 'low', repetitionPenalty: 1.2 },
  'dola_generation, some layers': { dolaLayers: [0, 1] },
}

test.each(Object.entries(moved.models))(
  '%s: ten prompts, strategies that Python has on the Hub, token for token as there',
  { timeout: 120_000 },
  async (repository, recorded) => {
    await using model = await openRecorded(repository, { device: 'wasm' })
    const given = JSON.parse(await (await recordedFiles[`${repository}/generation.json`]!()).text())
    const { input_ids, attention_mask, new_tokens, eos_token_id, pad_token_id } = given
    const common = { maxNewTokens: new_tokens, eosTokenId: eos_token_id, padTokenId: pad_token_id }
    for (const [name, truth] of Object.entries(recorded)) {
      const sequences = await model.generate({ input_ids, attention_mask }, { ...common, ...options[name]! })
      expect(toList(sequences), name).toEqual(truth)
    }
  },
)

test('of each step of contrastive search, hidden states are those of the token that was chosen', async () => {
  await using model = await openRecorded('llama/causal-lm', { device: 'wasm' })
  const { sequences, hidden_states } = await model.generate(
    { input_ids: [[7, 8, 9]] },
    {
      maxNewTokens: 4,
      eosTokenId: null,
      ...options.contrastive_search!,
      returnDictInGenerate: true,
      outputHiddenStates: true,
    },
  )
  const whole = await model({ input_ids: toList(sequences) as number[][] }, { outputHiddenStates: true })
  const { data, shape } = whole.hidden_states![1]!
  const width = shape[2]!
  expect(hidden_states).toHaveLength(4)
  const step = hidden_states![3]![1]!
  expect(step.shape).toEqual([1, 1, width])
  for (let i = 0; i < width; i++) expect(step.data[i]).toBeCloseTo(Number(data[5 * width + i]), 4)
})

test('DoLa is refused where there is no layer to contrast', async () => {
  await using model = await openRecorded('llama/causal-lm', { device: 'wasm' })
  await expect(model.generate({ input_ids: [[7, 8, 9]] }, { dolaLayers: [5] })).rejects.toThrow(OptionError)
})
