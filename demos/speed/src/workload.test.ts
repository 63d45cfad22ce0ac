import { expect, test } from 'vitest'
import { cacheShapeOf, lengthsFor, positionsOf, promptOf, weightsOf } from './workload'

/** As much of a model as is asked. */
function model(
  parameters: readonly { names: readonly string[]; shape: readonly number[] }[],
  table: string,
  scores: string,
) {
  const all = parameters.map(({ names, shape }) => ({ name: names[0]!, names, shape }))
  const embeddings = (name: string) => ({ weight: all.find(({ names }) => names.includes(name))! })
  return {
    parameters: () => all,
    getInputEmbeddings: () => embeddings(table),
    getOutputEmbeddings: () => embeddings(scores),
  } as unknown as Parameters<typeof weightsOf>[0]
}

const withConfig = (config: object) => ({ config }) as unknown as Parameters<typeof cacheShapeOf>[0]

test('a tied table is read whole and by the row, an untied one by the row, as positions are', () => {
  const norm = { names: ['norm.weight'], shape: [8] }
  const tied = model([{ names: ['embed', 'lm_head'], shape: [9, 8] }, norm], 'embed', 'lm_head')
  expect(weightsOf(tied)).toEqual([
    { shape: [9, 8], vocabulary: true, read: 'both' },
    { shape: [8], vocabulary: false, read: 'whole' },
  ])
  const parts = [
    { names: ['wte.weight'], shape: [9, 8] },
    { names: ['transformer.wpe.weight'], shape: [5, 8] },
    { names: ['lm_head.weight'], shape: [9, 8] },
  ]
  expect(weightsOf(model(parts, 'wte.weight', 'lm_head.weight'))).toEqual([
    { shape: [9, 8], vocabulary: true, read: 'row' },
    { shape: [5, 8], vocabulary: false, read: 'row' },
    { shape: [9, 8], vocabulary: true, read: 'whole' },
  ])
})

test('layers, heads and positions by the names that configurations have for them', () => {
  const llama = {
    num_hidden_layers: 30,
    num_attention_heads: 9,
    num_key_value_heads: 3,
    hidden_size: 576,
    head_dim: null,
    max_position_embeddings: 8192,
  }
  expect(cacheShapeOf(withConfig(llama))).toEqual({ layers: 30, heads: 3, size: 64 })
  expect(positionsOf(withConfig(llama))).toBe(8192)
  const gpt2 = { n_layer: 12, n_head: 12, n_embd: 768, n_positions: 1024 }
  expect(cacheShapeOf(withConfig(gpt2))).toEqual({ layers: 12, heads: 12, size: 64 })
  expect(positionsOf(withConfig(gpt2))).toBe(1024)
  expect(() => cacheShapeOf(withConfig({ model_type: 'x' }))).toThrow('this x does not tell')
})

test('a model of few positions is measured at the most it takes', () => {
  expect(lengthsFor(8192)).toEqual({ read: 256, past: [64, 512] })
  expect(lengthsFor(256)).toEqual({ read: 255, past: [64, 239] }) // 239 − 16 + 33 = 256
  expect(lengthsFor(64)).toEqual({ read: 63, past: [47] })
})

test('no two prompts begin alike', () => {
  const prompts = Array.from({ length: 24 }, (_, number) => promptOf(48, number, 1300))
  expect(new Set(prompts.map(([first]) => first)).size).toBe(24)
  const ids = prompts.flat()
  expect([Math.min(...ids) >= 0, Math.max(...ids) < 1300, ids.every(Number.isInteger)]).toEqual([
    true,
    true,
    true,
  ])
  expect(new Set(prompts[0]).size).toBeGreaterThan(40)
})
