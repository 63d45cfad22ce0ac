/** @file What a generation tells of speech, computed where attention weights and scores are. */
import { logSoftmax, rowOf } from '../numeric'
import type { GenerationOutput } from '../output'
import type { GenerationRequest } from '../settings'
import { tokenTimestamps } from './alignment'

/** An output with what was asked of speech, and without what only that was kept for. */
export function withSpeech(
  output: GenerationOutput,
  { speech, prompts, settings, lists = [] }: GenerationRequest,
  { vocabulary, no_speech_probs }: { vocabulary: number; no_speech_probs: Float32Array | undefined },
): GenerationOutput {
  const promptLength = prompts[0]!.length
  const temperature = settings.do_sample ? settings.temperature : 1
  const { scores, steps, ...rest } = output
  const told = (name: string) => lists.includes(name.split('.')[0]!)
  return {
    ...rest,
    ...(settings.output_scores && { scores }),
    ...(steps &&
      lists.length > 0 && {
        steps: steps.map((step) => Object.fromEntries(Object.entries(step).filter(([name]) => told(name)))),
      }),
    ...(no_speech_probs && { no_speech_probs }),
    ...(speech?.token_logprobs && {
      token_logprobs: tokenLogprobs(output, { vocabulary, promptLength, temperature }),
    }),
    ...(speech?.alignment && { token_timestamps: tokenTimestamps(output, speech.alignment, promptLength) }),
  }
}

/** The logarithm of the probability of each token that was made; of beams, in the row that it was chosen in. */
function tokenLogprobs(
  { sequences, scores = [], beam_indices }: GenerationOutput,
  {
    vocabulary,
    promptLength,
    temperature,
  }: { vocabulary: number; promptLength: number; temperature: number },
): Float32Array[] {
  return sequences.map((sequence, row) =>
    Float32Array.from(sequence.subarray(promptLength), (token, step) => {
      const chosenIn = beam_indices ? beam_indices[row]![step]! : row
      if (chosenIn < 0) return 0
      const given = rowOf(scores[step]!, chosenIn, vocabulary)
      return logSoftmax(given.map((score) => score * temperature))[token]!
    }),
  )
}
