/** @file What a generation gives, and what it keeps on the way. */
import { arrayOf, type PlainTensor, type PlainTensors, sizeOf } from '../tensor'
import type { Decoder } from './model'
import type { GenerationSettings } from './settings'

/** Python's names; what was not asked for is left out. */
export interface GenerationOutput {
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

  constructor(readonly settings: GenerationSettings) {}

  logits(logits: Float32Array) {
    if (this.settings.output_logits) this.#logits.push(logits.slice())
  }
  scores(scores: Float32Array) {
    if (this.settings.output_scores) this.#scores.push(scores.slice())
  }
  /** @param rows how many sequences there are, where prompts were read once for several of them */
  step(decoder: Decoder, rows: number) {
    const outputs = Object.entries(decoder.outputs?.() ?? {})
    if (outputs.length > 0)
      this.#steps.push(Object.fromEntries(outputs.map(([name, x]) => [name, spread(x, rows)])))
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

/** Each row of a batch as often as it takes to make so many. */
function spread(tensor: PlainTensor, rows: number): PlainTensor {
  const [batch = rows, ...rest] = tensor.shape
  if (batch === rows) return tensor
  const size = sizeOf(rest)
  const data = arrayOf(tensor.dtype, rows * size)
  for (let row = 0; row < rows; row++) {
    const from = Math.floor((row * batch) / rows)
    for (let i = 0; i < size; i++) data[row * size + i] = tensor.data[from * size + i]!
  }
  return { ...tensor, shape: [rows, ...rest], data }
}
