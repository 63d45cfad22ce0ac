/** @file What a generation gives, and what it keeps on the way. */
import type { PlainTensors } from '../tensor'
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
  step(decoder: Decoder) {
    const outputs = decoder.outputs?.()
    if (outputs) this.#steps.push(outputs)
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
