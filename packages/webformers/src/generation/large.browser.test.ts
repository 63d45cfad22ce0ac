/** @file Models that are too large for their weights to be held by several programs at once. */
import { expect, test } from 'vitest'
import type { Recorded } from '../../../models/src/testing/generation'
import { AutoModelForCausalLM } from '../auto'
import { toList } from '../tensor'
import { hubOf } from '../testing/hub'
import { readRecorded, recordedFiles } from '../testing/recorded-models'

const LLAMA = 'llama/causal-lm'
const ROOM = 2 ** 28

/** The files of a model, with as many bytes more in its checkpoint, which nothing reads. */
function padded(repository: string) {
  const checkpoint = `${repository}/model.safetensors`
  const read = recordedFiles[checkpoint]!
  return {
    ...recordedFiles,
    [checkpoint]: async () => {
      const file = await read()
      const length = Number(new DataView(await file.slice(0, 8).arrayBuffer()).getBigUint64(0, true))
      const begin = file.size - 8 - length
      const header = JSON.parse(await file.slice(8, 8 + length).text())
      header.unused = { dtype: 'U8', shape: [ROOM], data_offsets: [begin, begin + ROOM] }
      const text = new TextEncoder().encode(JSON.stringify(header))
      const size = new BigUint64Array([BigInt(text.length)])
      return new Blob([size, text, file.slice(8 + length), new Uint8Array(ROOM)])
    },
  }
}

test('one program makes room for the next, and for calls that ask for several at once', {
  timeout: 120_000,
}, async () => {
  const recorded: Recorded = JSON.parse(await (await recordedFiles[`${LLAMA}/generation.json`]!()).text())
  const { input_ids, attention_mask, pad_token_id: padTokenId, new_tokens: maxNewTokens } = recorded
  const inputs = { input_ids, attention_mask }
  await using model = await AutoModelForCausalLM.fromPretrained(LLAMA, {
    fetch: hubOf(padded(LLAMA)),
    cache: false,
    device: 'wasm',
  })
  const { logits } = await readRecorded(LLAMA, 'expected.safetensors')
  const forward = async () =>
    (await model(await readRecorded(LLAMA, 'inputs.safetensors'))).logits.data as Float32Array
  const write = async (outputAttentions: boolean) =>
    toList<number[][]>(
      (
        await model.generate(inputs, {
          padTokenId,
          maxNewTokens,
          eosTokenId: null,
          outputAttentions,
          returnDictInGenerate: true,
        })
      ).sequences,
    )

  expect(await write(false)).toEqual(recorded.greedy)
  const together = await Promise.all([write(true), forward(), write(false), write(true)])
  for (const i of [0, 2, 3]) expect(together[i]).toEqual(recorded.greedy)
  const apart = Array.from(together[1], (value, i) => Math.abs(value - Number(logits!.data[i])))
  expect(Math.max(...apart)).toBeLessThan(1e-4)
})
