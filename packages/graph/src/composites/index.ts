/** @file Every composite operation with its lowerings. */
import type { CompositeName } from '../operations'
import type { Node } from '../tensor'
import { activationComposites } from './activations'
import { againComposite } from './again'
import { attentionComposite } from './attention'
import { batchNormComposite } from './batch-norm'
import type { Composite } from './composite'
import { crossEntropyComposite } from './cross-entropy'
import { ctcLossComposite } from './ctc-loss'
import { gatedComposite } from './gated'
import { groupNormComposite } from './group-norm'
import { detachComposite, identityComposite } from './identities'
import { embeddingComposite, linearComposite } from './linear'
import { layerNormComposite } from './norm'
import { rmsNormComposite } from './rms-norm'
import { rotaryComposite } from './rotary'

export const composites: { readonly [C in CompositeName]: Composite } = {
  ...activationComposites,
  again: againComposite,
  attention: attentionComposite,
  batchNorm: batchNormComposite,
  crossEntropy: crossEntropyComposite,
  ctcLoss: ctcLossComposite,
  detach: detachComposite,
  dropout: identityComposite,
  embedding: embeddingComposite,
  gated: gatedComposite,
  groupNorm: groupNormComposite,
  layerNorm: layerNormComposite,
  limit: identityComposite,
  linear: linearComposite,
  rmsNorm: rmsNormComposite,
  rotary: rotaryComposite,
}

export const isComposite = (node: Node): node is Node & { readonly op: CompositeName } =>
  Object.hasOwn(composites, node.op)
