import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { type Decoders, generate } from './generate'
import type { GenerationMode, GenerationSettings } from './settings'
import { apart, EOS, HIDDEN, PAD, settingsWith, ToyDecoder } from './testing'
import { transitionScores } from './transition-scores'

interface Recorded {
  readonly prompts: number[][]
  readonly sequences: number[][]
  readonly sequences_scores?: number[]
  readonly beam_indices?: number[][] | null
  readonly transitions?: number[][]
  readonly 'transitions, normalized'?: number[][]
}
interface Case {
  readonly name: string
  readonly config: Readonly<Record<string, unknown>>
  readonly runs: readonly Recorded[]
}

const fixture = async (name: string): Promise<Case[]> =>
  JSON.parse(await readFile(new URL(`./fixture/${name}.json`, import.meta.url), 'utf8'))
const strategies = await fixture('strategies')
const moved = await fixture('moved-strategies')

const WATERMARK = { greenlist_ratio: 0.25, hashing_key: 15485863, context_width: 1 }
/** Which layers Python takes of six. */
const DOLA: Readonly<Record<string, readonly number[]>> = { low: [0, 2], high: [3, 5] }

const modeOf = (config: Case['config']): GenerationMode => {
  if (config.num_beam_groups) return 'group_beam_search'
  if (config.num_beams) return 'beam_search'
  if (config.penalty_alpha) return 'contrastive_search'
  if (config.dola_layers) return 'dola_generation'
  return config.assisted || config.prompt_lookup_num_tokens ? 'assisted_generation' : 'greedy_search'
}

/** What the main thread makes of Python's options. */
function settingsOf(
  { max_new_tokens, min_new_tokens, eos_token_id = EOS, ...config }: Case['config'],
  length: number,
) {
  const { watermarking_config: mark, forced_eos_token_id: forced } = config
  return settingsWith({
    ...(config as Partial<GenerationSettings>),
    mode: modeOf(config),
    ...(max_new_tokens !== undefined && { max_length: length + Number(max_new_tokens) }),
    ...(min_new_tokens !== undefined && {
      min_new_tokens: Number(min_new_tokens),
      min_length: length + Number(min_new_tokens),
    }),
    eos_token_id: [eos_token_id].flat().filter((token) => Number(token) >= 0) as number[],
    ...(mark !== undefined && { watermarking_config: { ...WATERMARK, ...(mark as object) } as never }),
    ...(forced !== undefined && { forced_eos_token_id: [Number(forced)] }),
    output_scores: true,
  })
}

const layersOf = ({ dola_layers: layers = [] }: Case['config']) =>
  typeof layers === 'string' ? DOLA[layers]! : (layers as number[])

function decodersOf(config: Case['config']): Decoders {
  const { guidance_scale, assisted } = config
  return {
    decoder: new ToyDecoder({ layers: layersOf(config) }),
    ...(guidance_scale !== undefined && { unconditional: new ToyDecoder() }),
    ...(assisted === true && { draft: new ToyDecoder({ noise: 0.15 }) }),
  }
}

const generated = ({ config }: Case, { prompts }: Recorded, changes: Partial<GenerationSettings> = {}) => {
  const rows = prompts.map((prompt) => Int32Array.from(prompt))
  const request = {
    settings: { ...settingsOf(config, rows[0]!.length), ...changes },
    prompts: rows,
    hiddenOutput: HIDDEN,
    earlyOutputs: layersOf(config).map((layer) => `early.${layer}`),
    lists: [],
    promptMasks: prompts.map((prompt) => prompt.map((token) => (token === PAD ? 0 : 1))),
  }
  return generate(decodersOf(config), request)
}

describe.each([...strategies, ...moved])('$name', (recorded) => {
  test.each(recorded.runs.map((run) => [run.prompts.length, run] as const))(
    'is what Python makes of %i prompts',
    async (_, run) => {
      const output = await generated(recorded, run)
      expect(output.sequences.map((row) => [...row])).toEqual(run.sequences)
      if (run.sequences_scores)
        expect(apart(output.sequences_scores!, run.sequences_scores)).toBeLessThan(1e-5)
      if (run.beam_indices) expect(output.beam_indices!.map((row) => [...row])).toEqual(run.beam_indices)
      if (run.transitions) {
        for (const normalizeLogits of [false, true]) {
          const truth = run[normalizeLogits ? 'transitions, normalized' : 'transitions']!
          const scores = transitionScores(output, 48, { normalizeLogits })
          expect(
            apart(
              scores.flatMap((row) => [...row]),
              truth.flat(),
            ),
          ).toBeLessThan(1e-5)
        }
      }
    },
  )
})

test('a draft model saves readings, and changes no token', async () => {
  const assisted = strategies.find(({ name }) => name === 'assisted')!
  const greedy = strategies.find(({ name }) => name === 'greedy')!
  for (const run of assisted.runs) {
    const decoders = decodersOf(assisted.config)
    const prompts = run.prompts.map((prompt) => Int32Array.from(prompt))
    const settings = settingsOf(assisted.config, prompts[0]!.length)
    const output = await generate(decoders, { settings, prompts })
    const alone = await generated(greedy, run)
    expect(output.sequences).toEqual(alone.sequences)
    const made = output.sequences[0]!.length - prompts[0]!.length
    expect((decoders.decoder as ToyDecoder).readings.length).toBeLessThanOrEqual(made)
  }
})
