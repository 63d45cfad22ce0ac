/** @file What a generation asks of a model besides scores. */
import { listNames } from '@webformers/models'
import type { GenerationSettings } from '@webformers/runtime'
import type { Programs } from '../programs'
import type { Request } from '../requests'
import type { GenerationConfig } from './configuration'
import { dolaLayers } from './dola-layers'

/** What a call asks of the model. */
export interface Wanted {
  readonly outputs: readonly string[]
  /** Lists that each step gives to who asked. */
  readonly lists: readonly string[]
  /** The list of hidden states that contrastive search compares; none for other searches. */
  readonly compared: readonly string[]
  /** The layers whose hidden states DoLa scores, too. */
  readonly early: readonly number[]
}

/** @param aligned whether it is looked at where the decoder looks in a sound */
export function wantedOf(
  { configured: { architecture, config: about }, head }: Programs,
  config: GenerationConfig,
  mode: GenerationSettings['mode'],
  aligned = false,
): Wanted {
  const listsOf = (kind: 'hidden_states' | 'attentions') => listNames(architecture, head, about, kind)
  const told = (asked: boolean | null) => Boolean(config.return_dict_in_generate && asked)
  const lists = [
    ...(told(config.output_hidden_states) ? listsOf('hidden_states') : []),
    ...(told(config.output_attentions) ? listsOf('attentions') : []),
  ]
  const compared =
    mode === 'contrastive_search'
      ? listsOf('hidden_states').filter((name) => !name.startsWith('encoder'))
      : []
  const early = mode === 'dola_generation' ? dolaLayers(config.dola_layers!, about) : []
  const looks = aligned ? ['cross_attentions'] : []
  const outputs = new Set(['logits', ...lists, ...compared, ...looks, ...(early.length > 0 ? ['early'] : [])])
  return { outputs: [...outputs], lists, compared, early }
}

/** What is asked of a model when some of its hidden states are scored as well. */
export const withEarly = (request: Request, early: readonly number[]): Request =>
  early.length === 0
    ? request
    : { ...request, hooks: { ...request.hooks, early }, key: `${request.key} early ${early}` }

/** The name of the last output of a list: its names are numbered. */
export const lastOf = (outputs: object, list: string) =>
  Object.keys(outputs)
    .filter((name) => name.startsWith(`${list}.`))
    .at(-1)!
