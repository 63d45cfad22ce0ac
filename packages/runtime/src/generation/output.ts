/** @file What a generation gives, and what it keeps on the way. */
import { arrayOf, type PlainTensor, type PlainTensors, sizeOf } from '../tensor'
import type { GenerationSettings } from './settings'
import type { SpeechOutput } from './speech/request'

/** Python's names; what was not asked for is left out. */
export interface GenerationOutput extends SpeechOutput {
  /** Prompts and what follows, all of one length. */
  readonly sequences: Int32Array[]
  /** For each step what tokens were chosen by, [rows × vocabulary]. */
  readonly scores?: Float32Array[]
  /** For each step what the model gave, [rows × vocabulary]. */
  readonly logits?: Float32Array[]
  /** How good each sequence is that beams found. */
  readonly sequences_scores?: Float32Array
  /** For each step the row that a sequence's token was chosen in, -1 after its end. */
  readonly beam_indices?: Int32Array[]
  /** For each step what the decoder gave besides. */
  readonly steps?: PlainTensors[]
}

/** Keeps of each step what was asked for. */
export class Recorder {
  readonly #scores: Float32Array[] = []
  readonly #logits: Float32Array[] = []
  readonly #steps: PlainTensors[] = []

  /** @param lists what of a decoder's outputs is kept, by names without a layer's number; all of them where it is left out */
  constructor(
    readonly settings: Pick<GenerationSettings, 'output_scores' | 'output_logits'>,
    readonly lists?: readonly string[],
  ) {}

  logits(logits: Float32Array) {
    if (this.settings.output_logits) this.#logits.push(logits.slice())
  }
  scores(scores: Float32Array) {
    if (this.settings.output_scores) this.#scores.push(scores.slice())
  }
  /** @param rows how many sequences there are, where prompts were read once for several of them */
  step(outputs: PlainTensors = {}, rows: number) {
    const kept = Object.entries(outputs).filter(([name]) => this.lists?.includes(name.split('.')[0]!) ?? true)
    if (kept.length === 0) return
    const batch = kept[0]![1].shape[0]!
    this.#steps.push(
      gathered(
        Object.fromEntries(kept),
        Array.from({ length: rows }, (_, row) => Math.floor((row * batch) / rows)),
      ),
    )
  }

  /** What was kept, beside the sequences. */
  output(sequences: Int32Array[], rest: Partial<GenerationOutput> = {}): GenerationOutput {
    return {
      sequences,
      ...(this.settings.output_scores && { scores: this.#scores }),
      ...(this.settings.output_logits && { logits: this.#logits }),
      ...(this.#steps.length > 0 && { steps: this.#steps }),
      ...rest,
    }
  }
}

/** Rows of batches. */
export const gathered = (tensors: PlainTensors, rows: readonly number[]): PlainTensors =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [name, rowsOfTensor(tensor, rows)] as const),
  )

function rowsOfTensor(tensor: PlainTensor, rows: readonly number[]): PlainTensor {
  const [batch, ...rest] = tensor.shape
  if (rows.length === batch && rows.every((row, i) => row === i)) return tensor
  const size = sizeOf(rest)
  const data = arrayOf(tensor.dtype, rows.length * size)
  for (const [i, row] of rows.entries())
    for (let at = 0; at < size; at++) data[i * size + at] = tensor.data[row * size + at]!
  return { ...tensor, shape: [rows.length, ...rest], data }
}
