/** @file What `generate` gives to who asks for all of it, by Python's names. */
import type { Generated, PlainTensors } from '@webformers/runtime'
import { gatherLists } from '../outputs'
import type { Tensor } from '../tensor'

/** For each step, for each layer. */
type PerStep = Tensor[][]

/** Like `GenerateDecoderOnlyOutput`, `GenerateEncoderDecoderOutput` and those of beams; what was not asked for is left out. */
export interface GenerateOutput {
  /** Prompts and what follows, [batch × numReturnSequences, longest]. */
  sequences: Tensor<'int32'>
  /** Why each sequence ended: `'length'` where `maxNewTokens` or `maxLength` cut it. Python tells nothing of it. */
  finish_reasons?: ('stop' | 'length')[]
  /** How good each sequence is that beams found. */
  sequences_scores?: Tensor<'float32'>
  /** For each step what tokens were chosen by, [rows, vocabulary]. */
  scores?: Tensor<'float32'>[]
  /** For each step what the model gave, [rows, vocabulary]. */
  logits?: Tensor<'float32'>[]
  /** For each sequence and step the row that its token was chosen in, -1 after its end. */
  beam_indices?: Tensor<'int32'>
  /** For each step the embeddings and each layer's output, [rows, tokens read, hidden]. */
  hidden_states?: PerStep
  /** For each step each layer's attention maps, [rows, heads, tokens read, all tokens]. */
  attentions?: PerStep
  decoder_hidden_states?: PerStep
  decoder_attentions?: PerStep
  cross_attentions?: PerStep
  encoder_hidden_states?: Tensor[]
  encoder_attentions?: Tensor[]
  /** Of speech: when each token begins, in seconds, [batch, longest]. */
  token_timestamps?: Tensor<'float32'>
  /** Of speech: what was said in each part of each sound. */
  segments?: Segment[][]
}

/** A part of a sound, and what was said in it. */
export interface Segment {
  /** In seconds from the beginning of the sound. */
  readonly start: number
  readonly end: number
  /** Those that stand for times among them. */
  readonly tokens: Int32Array
  /** When each token begins, in seconds from the beginning of the sound. */
  readonly token_timestamps?: Float32Array
  /** Where the tokens lie in `result`. */
  readonly idxs: readonly [from: number, to: number]
  /** What the model gave that the segment is a part of: its tokens, or all that was asked for. */
  readonly result: Tensor<'int32'> | GenerateOutput
}

export function outputOf(
  { sequences, scores, logits, sequences_scores, beam_indices, steps, encoder, token_timestamps }: Generated,
  vocabulary: number,
  finish_reasons: GenerateOutput['finish_reasons'],
): GenerateOutput {
  const perStep = (given: readonly Float32Array[]) =>
    given.map(
      (data): Tensor<'float32'> => ({
        dtype: 'float32',
        shape: [data.length / vocabulary, vocabulary],
        data,
      }),
    )
  return {
    sequences: matrix(sequences),
    finish_reasons,
    ...(sequences_scores && {
      sequences_scores: { dtype: 'float32', shape: [sequences_scores.length], data: sequences_scores },
    }),
    ...(scores && { scores: perStep(scores) }),
    ...(logits && { logits: perStep(logits) }),
    ...(beam_indices && { beam_indices: matrix(beam_indices) }),
    ...(steps && ofSteps(steps)),
    ...(token_timestamps && { token_timestamps: floats(token_timestamps) }),
    ...gatherLists(encoder),
  }
}

const floats = (rows: readonly Float32Array[]): Tensor<'float32'> => ({
  dtype: 'float32',
  shape: [rows.length, rows[0]!.length],
  data: Float32Array.from(rows.flatMap((row) => [...row])),
})

/** Rows of equal length as one tensor. */
export function matrix(rows: readonly Int32Array[]): Tensor<'int32'> {
  const length = rows[0]!.length
  const data = new Int32Array(rows.length * length)
  for (const [i, row] of rows.entries()) data.set(row, i * length)
  return { dtype: 'int32', shape: [rows.length, length], data }
}

/** Lists of each step by their names. */
function ofSteps(steps: readonly PlainTensors[]): Record<string, PerStep> {
  const lists: Record<string, PerStep> = {}
  for (const step of steps)
    for (const [name, layers] of Object.entries(gatherLists(step))) {
      lists[name] ??= []
      lists[name].push([layers].flat())
    }
  return lists
}
