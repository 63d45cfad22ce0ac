/** @file What Python generated with the models of the fixtures, and the same asked of ours. */
import type {
  GenerationRequest,
  GenerationSettings,
  PlainTensor,
  PlainTensors,
  Prompt,
} from '@webformers/runtime'
import { settingsOf } from '@webformers/runtime/testing'
import type { PretrainedConfig } from '../configuration'
import { tensorsIn } from './fixtures'

const files = import.meta.glob<string>('../*/fixture/*/generation.*', {
  query: '?url',
  import: 'default',
  eager: true,
})

/** What Python generated with a model. */
export interface Recorded {
  readonly input_ids: number[][]
  readonly attention_mask: number[][]
  /** In their place, of models that hear: [batch, bins, frames]. */
  readonly input_features?: number[][][]
  readonly pad_token_id: number
  readonly eos_token_id: number
  readonly new_tokens: number
  readonly greedy: number[][]
  readonly ended: number[][]
  readonly beams: number[][]
}

/** Fixtures whose model generates: llama/causal-lm and its like. */
export const generating = Object.keys(files).flatMap((path) => {
  const found = path.match(/^\.\.\/(.+)\/fixture\/(.+)\/generation\.json$/)
  return found ? [`${found[1]}/${found[2]}`] : []
})

/** What Python generated with the model of a fixture. */
export async function readGeneration(fixture: string) {
  const at = (file: string) => fetch(files[`../${fixture.replace('/', '/fixture/')}/generation.${file}`]!)
  const recorded: Recorded = await (await at('json')).json()
  const { eos_token_id } = recorded
  return {
    recorded,
    /** By each search, the settings that ask for it. */
    searches: {
      greedy: {},
      ended: { eos_token_id: [eos_token_id] },
      beams: { mode: 'beam_search', num_beams: 3, eos_token_id: [eos_token_id] },
    } satisfies Record<string, Partial<GenerationSettings>>,
    /** On the way to the first tokens of the first prompts: `logits.0`, `hidden_states.0.1`, … */
    values: await tensorsIn(await (await at('safetensors')).blob()),
  }
}

/** The call that asks a model to go on from the recorded prompts, or the first of them. */
export function asked(
  { input_ids = [], attention_mask = [], input_features, pad_token_id, new_tokens }: Recorded,
  config: PretrainedConfig,
  changes: Partial<GenerationSettings>,
  { prompts: count = (input_features ?? input_ids).length, tokens = new_tokens } = {},
): { prompt: Prompt; request: GenerationRequest } {
  const heard = input_features?.slice(0, count)
  const ids = heard?.map(() => []) ?? input_ids.slice(0, count)
  const masks = attention_mask.slice(0, count)
  const { is_encoder_decoder: encodes, decoder_start_token_id: start } = config as PretrainedConfig & {
    is_encoder_decoder?: boolean
    decoder_start_token_id?: number
  }
  const starts = encodes ? ids.map(() => [start!]) : ids
  const texts = (): PlainTensors => ({ input_ids: matrix(ids), attention_mask: matrix(masks) })
  const inputs: PlainTensors = heard ? { input_features: spectrograms(heard) } : encodes ? texts() : {}
  return {
    prompt: {
      keep: (encodes ? starts.map(() => [1]) : masks).map((row) => Uint8Array.from(row)),
      inputs,
    },
    request: {
      prompts: starts.map((row) => Int32Array.from(row)),
      settings: settingsOf({ pad_token_id, max_length: starts[0]!.length + tokens, ...changes }),
    },
  }
}

const spectrograms = (sounds: number[][][]): PlainTensor => ({
  dtype: 'float32',
  shape: [sounds.length, sounds[0]!.length, sounds[0]![0]!.length],
  data: Float32Array.from(sounds.flat(2)),
})

const matrix = (rows: number[][]): PlainTensor => ({
  dtype: 'int32',
  shape: [rows.length, rows[0]!.length],
  data: Int32Array.from(rows.flat()),
})

/** The values of each step by the names that Python's recorder gives them. */
export function namedSteps(
  logits: readonly Float32Array[],
  steps: readonly PlainTensors[],
  rows: number,
): PlainTensors {
  const scores = logits.map((data, step): [string, PlainTensor] => [
    `logits.${step}`,
    { dtype: 'float32', shape: [rows, data.length / rows], data },
  ])
  const inner = steps.flatMap((given, step) =>
    Object.entries(given).map(([name, tensor]): [string, PlainTensor] => {
      const [list, layer] = name.split('.')
      return [`${list!.replace('decoder_', '')}.${step}.${layer}`, tensor]
    }),
  )
  return Object.fromEntries([...scores, ...inner])
}

/** Maps without what they do not see: where a layer has a window, Python's cache keeps no more than that. */
export function cropped(given: PlainTensors, expected: PlainTensors): PlainTensors {
  return Object.fromEntries(
    Object.entries(given).map(([name, map]) => {
      const [wide, keys] = [map.shape.at(-1)!, expected[name]?.shape.at(-1)]
      if (!name.startsWith('attentions.') || keys === undefined || keys >= wide) return [name, map]
      const seen = (_: unknown, i: number) => i % wide >= wide - keys
      const values = Array.from(map.data, Number)
      const unseen = values.filter((value, i) => !seen(value, i))
      if (unseen.some((value) => value !== 0)) throw new Error(`${name} sees beyond its window.`)
      const data = Float32Array.from(values.filter(seen))
      return [name, { dtype: 'float32', shape: map.shape.with(-1, keys), data }]
    }),
  )
}
