/** @file Every composite operation with its lowerings. */
import { activationComposites } from './activations'
import { attentionComposite } from './attention'
import type { Composite } from './composite'
import { identityComposite } from './identities'
import { embeddingComposite, linearComposite } from './linear'
import { layerNormComposite } from './norm'
import { rotaryComposite } from './rotary'

export const composites: Readonly<Record<string, Composite>> = {
  ...activationComposites,
  attention: attentionComposite,
  dropout: identityComposite,
  embedding: embeddingComposite,
  layerNorm: layerNormComposite,
  limit: identityComposite,
  linear: linearComposite,
  rotary: rotaryComposite,
}
