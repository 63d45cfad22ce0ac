/** @file Which language is spoken. */
import type { PlainTensor } from '@webformers/runtime'
import { produce } from '../produce'
import type { SegmentCall } from './fallback'

/**
 * The token of the language that is the likeliest for each sound. Like `detect_language`.
 * @param features a segment of each, and the number by which a worker knows them
 */
export async function detectLanguage(
  {
    model,
    settings,
    config,
    aligned,
    others,
  }: Pick<SegmentCall, 'model' | 'settings' | 'config' | 'aligned' | 'others'>,
  { features, id }: { readonly features: PlainTensor<'float32'>; readonly id: number },
): Promise<number[]> {
  const [batch = 0] = features.shape
  const { generated } = await produce(model, {
    prompts: {
      rows: Array.from({ length: batch }, () => Int32Array.of(config.decoder_start_token_id!)),
      keep: Array.from({ length: batch }, () => Uint8Array.of(1)),
      hasAttentionMask: false,
      encoder: { inputs: { input_features: features } },
    },
    config: config.with({
      max_new_tokens: 1,
      num_beams: 1,
      num_return_sequences: 1,
      do_sample: false,
      return_dict_in_generate: true,
      output_logits: true,
      output_attentions: false,
      output_hidden_states: false,
    }),
    values: {},
    others: { signal: others.signal },
    // The program that writes the text, too, so that weights are held once.
    ...(aligned && { speech: { alignment: { heads: [], median_filter_width: 1, time_precision: 1 } } }),
    encoding: { id },
  })
  const [logits] = generated.logits!
  const vocabulary = logits!.length / batch
  const languages = Object.values(settings.own.lang_to_id!).toSorted((a, b) => a - b)
  return Array.from({ length: batch }, (_, row) => {
    const scoreOf = (token: number) => logits![row * vocabulary + token]!
    return languages.reduce((best, token) => (scoreOf(token) > scoreOf(best) ? token : best))
  })
}
