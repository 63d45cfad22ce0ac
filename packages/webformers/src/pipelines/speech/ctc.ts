/** @file Models of CTC: a character, or none, for every bit of sound. */
import {
  type CharOffset,
  type CtcDecoded,
  type PreTrainedTokenizer,
  type Transcript,
  wordOffsets,
} from '@webformers/tokenizers'
import { argmax } from '../math'
import { featuresOf, runFeatures } from '../sounds'
import type { Context, RowTensor } from '../task'
import { samplesPerOutput } from './options'
import type { Piece } from './pieces'

/** The likeliest token for every bit of each piece, without what is other pieces'. */
export async function hear(pieces: readonly Piece[], context: Context): Promise<number[][]> {
  const rows = []
  for (const { samples } of pieces) rows.push(await featuresOf(samples, context))
  const logits = await runFeatures(rows, 'logits', context)
  return pieces.map(({ stride }, i) => {
    const tokens = best(logits[i]!)
    if (!stride) return tokens
    const [length, left, right] = rescaled(stride, samplesPerOutput(context))
    return tokens.slice(left, length - right)
  })
}

function best({ shape: [count = 0, size = 0], data }: RowTensor): number[] {
  return Array.from({ length: count }, (_, i) => argmax(data.subarray(i * size, (i + 1) * size)))
}

/** In outputs of the model, not samples. Like `rescale_stride` in Python. */
function rescaled([length, left, right]: NonNullable<Piece['stride']>, samples: number) {
  const outputs = halfEven(length / samples)
  const part = (side: number) => halfEven((side / length) * outputs)
  return [outputs, part(left), part(right)] as const
}

/** A half goes to the even one, as in Python. */
function halfEven(value: number): number {
  const rounded = Math.round(value)
  return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded
}

/** The text of all pieces' tokens, with times where they are asked for. */
export function spell(
  tokens: readonly number[],
  timestamps: boolean | 'word' | 'char',
  context: Context,
): Transcript {
  const { tokenizer, featureExtractor } = context
  if (timestamps === false) return { text: tokenizer.decode(tokens) }
  const { text, char_offsets = [] } = decoded(tokenizer, tokens)
  const second = featureExtractor.config.sampling_rate
  const step = samplesPerOutput(context)
  const time = (offset: number) => (offset * step) / second
  const parts = timestamps === 'char' ? char_offsets.map(named) : wordOffsets(char_offsets).map(named)
  return {
    text,
    chunks: parts.map(({ text, start_offset, end_offset }) => ({
      text,
      timestamp: [time(start_offset), time(end_offset)],
    })),
  }
}

const named = (
  offset: CharOffset | { word: string; start_offset: number; end_offset: number },
): { text: string; start_offset: number; end_offset: number } => ({
  ...offset,
  text: 'char' in offset ? offset.char : offset.word,
})

const decoded = (tokenizer: PreTrainedTokenizer, tokens: readonly number[]): CtcDecoded =>
  tokenizer.decode(tokens, { outputCharOffsets: true })
