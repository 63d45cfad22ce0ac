/** @file `zero-shot-audio-classification`: labels of the caller's choice for sounds, by a model of sounds and texts. */
import type { AudioInput } from '@webformers/processors'
import { OptionError } from '../errors'
import type { Inputs } from './features'
import { largest, softmax } from './math'
import { featuresOf, isOneSound, runFeatures } from './sounds'
import { defineTask, type RowTensor } from './task'
import type { Classification } from './text-classification'

export interface ZeroShotAudioClassificationOptions {
  candidateLabels?: readonly string[]
  /** The sentence that a label stands in, in place of `{}`. Default: `'This is a sound of {}.'` */
  hypothesisTemplate?: string
}

/** One sound gives all labels, best first; a list of sounds gives a list for each. */
export interface ZeroShotAudioClassification {
  input: AudioInput
  options: ZeroShotAudioClassificationOptions
  one: Classification[]
  many: Classification[][]
}

export const zeroShotAudioClassification = defineTask({
  head: 'Model',
  outputs: ['logits_per_audio'],
  preprocessing: ['tokenizer', 'featureExtractor'],
  standard: { source: 'laion/clap-htsat-fused', revision: 'cca9e28' },
  isOne: isOneSound,
  settle(
    {
      candidateLabels: labels = [],
      hypothesisTemplate = 'This is a sound of {}.',
    }: ZeroShotAudioClassificationOptions,
    { tokenizer },
  ) {
    if (labels.length === 0)
      throw new OptionError("Give at least one label: { candidateLabels: ['a dog', 'a vacuum cleaner'] }.")
    const sentences = labels.map((label) => hypothesisTemplate.replaceAll('{}', () => label))
    const { input_ids, attention_mask } = tokenizer(sentences, { padding: true, returnTensors: true })
    return { labels, texts: { input_ids, attention_mask } satisfies Inputs }
  },
  async prepare(sound: AudioInput, _, context): Promise<Inputs[]> {
    const { is_longer, ...features } = await featuresOf(sound, context)
    const { audio_config } = context.config as { audio_config?: { enable_fusion?: boolean } }
    // Only a model that fuses parts of a sound asks whether there are any.
    return [audio_config?.enable_fusion ? { ...features, is_longer: is_longer! } : features]
  },
  run: async (rows: readonly Inputs[], { texts }, context): Promise<RowTensor[]> => {
    const answers: RowTensor[] = []
    for (const row of rows)
      answers.push(...(await runFeatures([{ ...row, ...texts }], 'logits_per_audio', context)))
    return answers
  },
  answer([logits], { labels }): Classification[] {
    const scores = softmax(logits!.data)
    return largest(scores, scores.length).map((i) => ({ label: labels[i]!, score: scores[i]! }))
  },
})
