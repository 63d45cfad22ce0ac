/** @file `audio-classification`: labels for sounds. */
import type { AudioInput } from '@webformers/processors'
import { OptionError } from '../errors'
import type { Inputs } from './features'
import { largest, type Numbers, sigmoid, softmax } from './math'
import { featuresOf, isOneSound, runFeatures } from './sounds'
import { defineTask, type RowTensor } from './task'
import type { Classification } from './text-classification'

export interface AudioClassificationOptions {
  /** How many labels, best first. Default: all; Python's own default of 5 never comes into force there. */
  topK?: number | null
  /** What turns logits into scores. Default: `'softmax'`. */
  functionToApply?: 'softmax' | 'sigmoid' | 'none'
}

/** One sound gives a list of labels, a list of sounds a list for each. */
export interface AudioClassification {
  input: AudioInput
  options: AudioClassificationOptions
  one: Classification[]
  many: Classification[][]
}

const functions = { softmax, sigmoid, none: (logits: Numbers): number[] => Array.from(logits) }

export const audioClassification = defineTask({
  head: 'ForAudioClassification',
  outputs: ['logits'],
  preprocessing: ['featureExtractor'],
  standard: { source: 'superb/wav2vec2-base-superb-ks', revision: '372e048' },
  isOne: isOneSound,
  settle({ topK = null, functionToApply = 'softmax' }: AudioClassificationOptions) {
    if (Object.hasOwn(functions, functionToApply)) return { topK, apply: functions[functionToApply] }
    throw new OptionError(
      `There is no functionToApply "${functionToApply}". Known: ${Object.keys(functions).join(', ')}.`,
    )
  },
  prepare: async (sound: AudioInput, _, context): Promise<Inputs[]> => [await featuresOf(sound, context)],
  run: (rows: readonly Inputs[], _, context): Promise<RowTensor[]> => runFeatures(rows, 'logits', context),
  answer([logits], { topK, apply }, { config }): Classification[] {
    const scores = apply(logits!.data)
    const best = largest(scores, Math.min(topK ?? scores.length, scores.length))
    return best.map((id) => ({ label: config.id2label[id]!, score: scores[id]! }))
  },
})
