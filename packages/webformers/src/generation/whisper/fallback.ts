/** @file A segment is written down, and again at other temperatures where what was written can't be trusted. */
import type { PlainTensor, SpeechRequest } from '@webformers/runtime'
import type { Programs } from '../../programs'
import type { CallOnly, OnTokens } from '../call'
import type { GenerationConfig } from '../configuration'
import type { GenerateOutput } from '../outputs'
import { type Produced, produce } from '../produce'
import type { Prompts } from '../prompt'
import type { GenerationValues } from '../values'
import { compressionRatio } from './compression'
import type { SpeechSettings } from './options'
import { rowOf } from './rows'
import type { Written } from './segments'

export interface SegmentCall {
  readonly model: Programs
  readonly settings: SpeechSettings
  readonly config: GenerationConfig
  readonly values: Partial<GenerationValues>
  readonly others: CallOnly
  readonly onTokens: OnTokens | undefined
  readonly features: PlainTensor<'float32'>
  /** Names the features, for who keeps what the encoder makes of them. */
  readonly encoding: number | undefined
  readonly prompts: Pick<Prompts, 'rows' | 'keep' | 'hasAttentionMask'>
  /** How many frames are left of each sound, where it is asked when tokens were said. */
  readonly frames: readonly number[] | undefined
  readonly aligned: boolean
  /** How many of the prompts' last tokens are the initial ones. */
  readonly initialLength: number
}

/** What became of one sound's segment. */
export interface Attempt {
  readonly written: Written
  /** Whether nothing is said in it. */
  readonly silent: boolean
  readonly temperature: number | null | undefined
}

export interface Attempts {
  readonly attempts: readonly Attempt[]
  /** What the model's last call gave, of all sounds where it was the only one. */
  readonly output: GenerateOutput
  readonly calls: number
  readonly release: () => void
}

/** Like `generate_with_fallback`. */
export async function writeSegments(call: SegmentCall): Promise<Attempts> {
  const { settings, prompts } = call
  const attempts = new Map<number, Attempt>()
  let left = [...prompts.rows.keys()]
  let [calls, produced] = [0, undefined as Produced | undefined]
  for (const [i, temperature] of settings.temperatures.entries()) {
    produced = await writeOnce(call, left, temperature)
    calls++
    const failed: number[] = []
    for (const [place, row] of left.entries()) {
      const { attempt, trusted } = await judged(call, produced, place, temperature)
      attempts.set(row, attempt)
      if (!trusted) failed.push(row)
    }
    left = failed
    if (left.length === 0 || i === settings.temperatures.length - 1) break
  }
  const { decoder, output } = produced!
  const release = () => call.encoding !== undefined && decoder.releaseEncoding()
  return { attempts: prompts.rows.map((_, row) => attempts.get(row)!), output, calls, release }
}

function writeOnce(
  {
    model,
    settings,
    config,
    values,
    others,
    onTokens,
    features,
    encoding,
    prompts,
    frames,
    aligned,
    initialLength,
  }: SegmentCall,
  rows: readonly number[],
  temperature: number | null | undefined,
): Promise<Produced> {
  const draws = (temperature ?? 0) > 0
  const all = rows.length === prompts.rows.length
  const speech: SpeechRequest = {
    ...(settings.return_timestamps && { timestamps: timestampRules(settings, config) }),
    ...(settings.no_speech_threshold !== undefined && {
      no_speech: {
        token: settings.timestamp_begin - 2, // it stands before the one for no times
        place: prompts.rows[0]!.length - initialLength,
      },
    }),
    ...(settings.logprob_threshold !== undefined && { token_logprobs: true }),
    ...(aligned && {
      alignment: {
        heads: settings.own.alignment_heads!,
        num_frames: frames && rows.map((row) => frames[row]!),
        median_filter_width: settings.median_filter_width,
        time_precision: settings.time_precision,
      },
    }),
  }
  return produce(model, {
    prompts: {
      rows: rows.map((row) => prompts.rows[row]!),
      keep: rows.map((row) => prompts.keep[row]!),
      hasAttentionMask: prompts.hasAttentionMask,
      encoder: { inputs: { input_features: encoding === undefined ? only(features, rows) : features } },
    },
    config: config.with({
      do_sample: draws,
      temperature: draws ? temperature! : 1,
      ...(draws && { num_beams: 1 }),
    }),
    values,
    others,
    onTokens,
    speech,
    ...(encoding !== undefined && { encoding: { id: encoding, ...(!all && { rows }) } }),
  })
}

function only({ shape, data }: PlainTensor<'float32'>, rows: readonly number[]): PlainTensor<'float32'> {
  const [batch, ...rest] = shape
  if (rows.length === batch) return { dtype: 'float32', shape, data }
  const size = rest.reduce((product, dim) => product * dim, 1)
  const values = new Float32Array(rows.length * size)
  for (const [i, row] of rows.entries()) values.set(data.subarray(row * size, (row + 1) * size), i * size)
  return { dtype: 'float32', shape: [rows.length, ...rest], data: values }
}

function timestampRules(
  { own, timestamp_begin }: SpeechSettings,
  { eos_token_id, bos_token_id }: GenerationConfig,
) {
  const { max_initial_timestamp_index } = own
  return {
    no_timestamps_token_id: timestamp_begin - 1,
    eos_token_id: [eos_token_id].flat()[0] ?? bos_token_id ?? 0,
    ...(typeof max_initial_timestamp_index === 'number' && { max_initial_timestamp_index }),
  }
}

/** What was written of one sound, and whether it can be trusted. Like `_need_fallback`. */
async function judged(
  { model, settings, config, prompts }: SegmentCall,
  { output, generated, sequences }: Produced,
  row: number,
  temperature: number | null | undefined,
): Promise<{ attempt: Attempt; trusted: boolean }> {
  const { compression_ratio_threshold: repeats, logprob_threshold, no_speech_threshold } = settings
  const ended = withoutPadding(generated.sequences[row]!.subarray(prompts.rows[0]!.length), config)
  const { vocab_size } = model.configured.config as unknown as { vocab_size: number }
  const repeating = repeats !== undefined && (await compressionRatio(ended, vocab_size)) > repeats
  const unlikely =
    logprob_threshold !== undefined &&
    averageOf(generated.token_logprobs![row]!, ended.length) < logprob_threshold
  const silent =
    unlikely && no_speech_threshold !== undefined && generated.no_speech_probs![row]! > no_speech_threshold
  const isEnd = [config.eos_token_id].flat().includes(ended.at(-1)!)
  const written = {
    tokens: isEnd ? ended.slice(0, -1) : ended.slice(),
    ...(generated.token_timestamps && { times: generated.token_timestamps[row]! }),
    result: config.return_dict_in_generate ? rowOf(output, row) : rowOf({ sequences }, row).sequences,
  }
  return { attempt: { written, silent, temperature }, trusted: silent || !(repeating || unlikely) }
}

/** Tokens up to and with their end. */
function withoutPadding(tokens: Int32Array, { pad_token_id, eos_token_id }: GenerationConfig): Int32Array {
  const pad = pad_token_id ?? [eos_token_id].flat()[0]
  if (tokens.at(-1) !== pad) return tokens
  const count = tokens.filter((token) => token === pad).length - Number(pad === eos_token_id)
  return tokens.subarray(0, tokens.length - count)
}

const averageOf = (logs: Float32Array, count: number) =>
  logs.subarray(0, count).reduce((sum, log) => sum + log, 0) / Math.min(count, logs.length)
