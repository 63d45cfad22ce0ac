/** @file `model.generate()` of Whisper: sounds of any length, segment by segment. Like transformers' generation_whisper.py. */
import type { Repository } from '@webformers/hub'
import { InputError } from '@webformers/runtime'
import type { ModelInputs } from '../../inputs'
import type { Programs } from '../../programs'
import type { Tensor } from '../../tensor'
import { CALL_ONLY, type CallOnly, type OnTokens } from '../call'
import { configOf, splitOptions } from '../options'
import type { GenerateOutput } from '../outputs'
import { ownConfig } from '../own-config'
import { answerOf } from './answer'
import { detectLanguage } from './detect-language'
import { writeSegments } from './fallback'
import { type Features, featuresOf, segmentOf } from './features'
import { initialTokens } from './initial-tokens'
import {
  SPEECH_ONLY,
  type SpeechGenerateOptions,
  type SpeechOptions,
  type SpeechSettings,
  speechSettings,
} from './options'
import { segmentsOf } from './segments'
import { decoderPrompts, expectRoom, type Sound } from './sounds'

/** Frames of a spectrogram for each position of the encoder. */
const STRIDE = 2
/** Drawn above this, what was said before is no good context. */
const TRUSTED_TEMPERATURE = 0.5

let encodings = 0

/** See `ModelGeneration.generate`. */
export async function generateSpeech(
  model: Programs,
  repository: Repository,
  inputs: ModelInputs,
  { temperature, ...given }: SpeechGenerateOptions,
  onTokens?: OnTokens,
): Promise<Tensor<'int32'> | GenerateOutput> {
  const { values, others } = splitOptions<CallOnly & SpeechOptions>(given, [...CALL_ONLY, ...SPEECH_ONLY])
  const { generationConfig, useModelDefaults, signal } = others
  signal?.throwIfAborted()
  const own = configOf(await ownConfig(model, repository), values, generationConfig, useModelDefaults)
  const features = featuresOf(inputs)
  const [batch = 0, , total = 0] = features.spectrograms.shape
  const { max_source_positions } = model.configured.config as unknown as { max_source_positions: number }
  const length = STRIDE * max_source_positions
  const isShortForm = total <= length
  const options = { ...others, temperature }
  const settings = speechSettings(options, own, model, isShortForm)
  const aligned = others.returnTokenTimestamps === true
  const shared = { model, settings, values, others: callOnly(others), onTokens, aligned }
  const keeper = encodingKeeper(features, length)

  const detect = async () => {
    const parts = Array.from({ length: batch }, (_, row) => ({ row, start: 0, frames: total }))
    return detectLanguage({ ...shared, config: own }, keeper(parts))
  }
  const initial = await initialTokens(settings, own, batch, detect)
  const config = own.with({
    num_return_sequences: 1,
    ...(others.assistantModel && { begin_suppress_tokens: null }),
  })
  const sounds = soundsOf(features, initial, settings, { copies: own.num_return_sequences ?? 1, isShortForm })
  const lengths = aligned ? framesOf(others, features.lengths, batch) : undefined
  const unique = others.forceUniqueGenerateCall ?? false
  let last: { output: GenerateOutput; calls: number } | undefined
  for (;;) {
    const active = sounds.filter(({ seek, frames }) => seek < frames)
    if (active.length === 0) break
    others.monitorProgress?.(sounds.map(({ seek, frames }) => [seek, frames] as const))
    const prompts = decoderPrompts(active, settings, config)
    expectRoom(prompts, config, settings)
    const parts = active.map(({ row, seek, frames }) => ({
      row,
      start: seek,
      frames: Math.min(frames - seek, length),
    }))
    const retries = settings.temperatures.length > 1 || keeper.shares(parts)
    const segment = keeper(parts)
    const { attempts, release, ...told } = await writeSegments({
      ...shared,
      config,
      features: segment.features,
      encoding: retries ? segment.id : undefined,
      prompts,
      frames: lengths && active.map(({ row, seek }) => lengths[row]! - seek),
      initialLength: initial[0]!.length,
    })
    release()
    last = told
    for (const [i, { written, silent, temperature: drawnAt }] of attempts.entries()) {
      const sound = active[i]!
      const place = {
        offset: (sound.seek * settings.time_precision) / STRIDE,
        frames: parts[i]!.frames,
        promptLength: prompts.rows[0]!.length,
      }
      sound.conditions = settings.condition_on_prev_tokens && (drawnAt ?? 0) < TRUSTED_TEMPERATURE
      sound.first ??= written
      if (silent) {
        sound.seek += place.frames
        continue
      }
      const found = segmentsOf(written, place, settings)
      sound.seek += found.frames
      sound.segments.push(...found.segments)
      if (written.times)
        sound.times.push(...found.segments.map(({ idxs }) => written.times!.subarray(...idxs)))
    }
    if (unique) break
  }
  if (config.return_dict_in_generate && last?.calls === 1 && (unique || !settings.return_timestamps))
    return last.output
  return answerOf(sounds, others, config, unique)
}

/** What other models are called with, too. */
const callOnly = (others: CallOnly & SpeechOptions): CallOnly =>
  Object.fromEntries(
    Object.entries(others).filter(([name]) => (CALL_ONLY as readonly string[]).includes(name)),
  )

function soundsOf(
  { spectrograms: { shape }, lengths }: Features,
  initial: readonly (readonly number[])[],
  { condition_on_prev_tokens }: SpeechSettings,
  { copies, isShortForm }: { copies: number; isShortForm: boolean },
): Sound[] {
  const [batch = 0, , total = 0] = shape
  if (batch > 1 && !isShortForm && !lengths)
    throw new InputError(
      'Several sounds longer than a segment need an attention_mask, which tells how long each is. Ask the feature extractor for it.',
    )
  return initial.flatMap((tokens, row) =>
    Array.from({ length: copies }, () => ({
      row,
      frames: batch > 1 && !isShortForm ? lengths![row]! : total,
      seek: 0,
      initial: tokens,
      segments: [],
      times: [],
      conditions: condition_on_prev_tokens,
    })),
  )
}

/** How many frames of each sound are no padding, where somebody says it. */
function framesOf(
  { numFrames }: SpeechOptions,
  lengths: readonly number[] | undefined,
  batch: number,
): readonly number[] | undefined {
  if (numFrames === undefined) return lengths
  return typeof numFrames === 'number' ? Array.from({ length: batch }, () => numFrames) : numFrames
}

type Part = Parameters<typeof segmentOf>[1][number]

/** Cuts segments out of spectrograms; equal ones have equal numbers, by which a worker knows them. */
function encodingKeeper({ spectrograms }: Features, length: number) {
  let last: { key: string; id: number } | undefined
  const keyOf = (parts: readonly Part[]) =>
    JSON.stringify(parts.map(({ frames, ...part }) => ({ ...part, frames: Math.min(frames, length) })))
  const keep = (parts: readonly Part[]) => {
    const key = keyOf(parts)
    if (last?.key !== key) last = { key, id: ++encodings }
    return { features: segmentOf(spectrograms, parts, length), id: last.id }
  }
  return Object.assign(keep, { shares: (parts: readonly Part[]) => last?.key === keyOf(parts) })
}
