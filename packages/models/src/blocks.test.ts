import { readdirSync, readFileSync } from 'node:fs'
import { finish } from '@webformers/graph'
import { describe, expect, test } from 'vitest'
import {
  blocksOf,
  findArchitecture,
  inputNames,
  type Json,
  outputNames,
  ownFolders,
  traceModel,
} from './index'

/** Sizes of whole blocks, whatever an architecture calls them. */
const SIZES: Json = {
  ...Object.fromEntries(
    ['hidden_size', 'd_model', 'n_embd', 'dim', 'embedding_size'].map((key) => [key, 64]),
  ),
  ...Object.fromEntries(
    ['intermediate_size', 'd_ff', 'n_inner', 'hidden_dim', 'encoder_ffn_dim', 'decoder_ffn_dim'].map(
      (key) => [key, 96],
    ),
  ),
  ...Object.fromEntries(
    [
      'num_attention_heads',
      'num_heads',
      'n_head',
      'n_heads',
      'encoder_attention_heads',
      'decoder_attention_heads',
    ].map((key) => [key, 4]),
  ),
  num_key_value_heads: 2,
  head_dim: 16,
  d_kv: 16,
  vocab_size: 96,
}

/** The configuration of one of an architecture's recorded models. */
function recorded(type: string): Json {
  const folder = new URL(`./${type}/fixture/`, import.meta.url)
  const [first] = readdirSync(folder).filter((name) => name !== 'defaults.json')
  return JSON.parse(readFileSync(new URL(`${first}/config.json`, folder), 'utf8'))
}

/** Tables of something else than tokens. */
const TABLES = /position|wpe|token_type|relative_attention_bias/

/** Those whose configuration tells all sizes itself. */
const sized = ownFolders.filter((type) => 'vocab_size' in recorded(type) || type === 'vit')

describe.each(sized)('of %s', (type) => {
  test('every matrix of a layer is in blocks, and nothing else', async () => {
    const json = recorded(type)
    const own = Object.entries(SIZES).filter(([key]) => json[key] !== undefined && json[key] !== null)
    const architecture = await findArchitecture(type)
    const config = architecture.config({ ...json, ...Object.fromEntries(own) })
    const blocks = blocksOf(architecture, 'Model', config, {
      rounded: { layers: 'Q4_0', vocabulary: 'Q8_0' },
    })
    const target = { device: 'webgpu', fused: true, compute: 'float32', weights: 'float32', blocks } as const
    const outputs = outputNames(architecture, 'Model', config)
    const { parameters } = finish(traceModel(architecture, 'Model', config, outputs, target))
    const whole = parameters.filter(
      ({ transform, shape: [outputs = 0, inputs = 0, ...more] }) =>
        !transform && outputs >= 32 && inputs >= 32 && more.length === 0,
    )
    expect(whole.filter(({ name }) => !TABLES.test(name))).toEqual([])
    const inBlocks = parameters.flatMap(({ name }) => name.match(/^(.+):(Q._0)[.]quants/)?.slice(1, 3) ?? [])
    const tables = inBlocks.filter((_, i) => inBlocks[i + 1] === 'Q8_0')
    expect(inBlocks.filter((name) => TABLES.test(name))).toEqual([])
    const readsTokens = inputNames(architecture, 'Model', config).some((name) => name.endsWith('input_ids'))
    expect(tables.map((name) => name.replace(/^(embeddings|decoder)[.]|[.]weight$/g, ''))).toEqual(
      readsTokens ? [expect.stringMatching(/^(word_embeddings|shared|embed_tokens|embed_in|wte)$/)] : [],
    )
  })
})
