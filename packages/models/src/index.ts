/** @file Every architecture by its `model_type`, loaded when it is asked for. */
import type { Architecture } from './architecture'
import { UnknownArchitectureError } from './errors'

export {
  type AdaptableModules,
  type Adapters,
  adaptableModules,
  allLinear,
  type LinearModule,
  lowRankName,
  type Modules,
  means,
  patternValue,
  promptName,
  promptScale,
  TEXT,
  targetsOf,
  usualTargets,
  withAdapters,
} from './adapters'
export {
  type Alias,
  type Architecture,
  type Head,
  type Heads,
  type Inputs,
  type Model,
  resolveHead,
  type Tables,
  type TextInputs,
  textInputs,
} from './architecture'
export { type BlockChoice, blocksOf, type Rounding } from './blocks'
export { type Adapt, type Hooks, type LossHook, patchInput } from './call'
export { type Json, type PretrainedConfig, pretrainedConfig } from './configuration'
export { traceDecoding } from './decoding'
export {
  type EmbeddingModule,
  embeddingModules,
  embeddingTables,
  vocabularyAxes,
  vocabularySize,
  withVocabulary,
} from './embeddings'
export { ConfigurationError, UnknownArchitectureError, UnknownPathError } from './errors'
export { expectHeads, headsOf, keptHeads, type PrunedHeads, type Stack, sharedHeadsOf } from './heads'
export { callOf, type Patch } from './inner-values'
export { acceptsItemCount, IGNORED_LABEL, lossCount, problemType } from './losses'
export { checkpointNames, gammaBeta, savedBuffers } from './names'
export { nearestPath } from './nearest'
export { type DetectionConfig, LAYERS_BEFORE } from './object-detection'
export { matchLayers, matchObjects, type ObjectLabels } from './object-matching'
export { pruneConfig, prunedBlocks, takeRanges } from './pruning'
export { shiftedRight } from './shift-right'
export {
  capturedOutput,
  inputNames,
  inputTypes,
  listNames,
  type ModelParameter,
  modelParameters,
  outputNames,
  traceModel,
  traceStandalone,
} from './trace'
export {
  describeTraining,
  gradientOutput,
  type ParameterLayout,
  type TracedTraining,
  type TrainableParameter,
  type TrainingHooks,
  traceGradients,
  traceTraining,
} from './training'

const architectures: Readonly<Record<string, () => Promise<{ architecture: Architecture }>>> = {
  albert: () => import('./albert/modeling'),
  'audio-spectrogram-transformer': () => import('./audio-spectrogram-transformer/modeling'),
  bart: () => import('./bart/modeling'),
  bert: () => import('./bert/modeling'),
  blip: () => import('./blip/modeling'),
  camembert: () => import('./camembert/modeling'),
  clap: () => import('./clap/modeling'),
  clip: () => import('./clip/modeling'),
  convnext: () => import('./convnext/modeling'),
  deit: () => import('./deit/modeling'),
  depth_anything: () => import('./depth_anything/modeling'),
  detr: () => import('./detr/modeling'),
  dinov2: () => import('./dinov2/modeling'),
  distilbert: () => import('./distilbert/modeling'),
  dpt: () => import('./dpt/modeling'),
  electra: () => import('./electra/modeling'),
  gemma2: () => import('./gemma2/modeling'),
  gemma3_text: () => import('./gemma3_text/modeling'),
  gpt2: () => import('./gpt2/modeling'),
  gpt_neox: () => import('./gpt_neox/modeling'),
  hubert: () => import('./hubert/modeling'),
  llama: () => import('./llama/modeling'),
  m2m_100: () => import('./m2m_100/modeling'),
  marian: () => import('./marian/modeling'),
  mbart: () => import('./mbart/modeling'),
  mistral: () => import('./mistral/modeling'),
  mobilenet_v2: () => import('./mobilenet_v2/modeling'),
  mpnet: () => import('./mpnet/modeling'),
  mt5: () => import('./mt5/modeling'),
  owlv2: () => import('./owlv2/modeling'),
  owlvit: () => import('./owlvit/modeling'),
  phi3: () => import('./phi3/modeling'),
  qwen2: () => import('./qwen2/modeling'),
  qwen3: () => import('./qwen3/modeling'),
  resnet: () => import('./resnet/modeling'),
  roberta: () => import('./roberta/modeling'),
  sam: () => import('./sam/modeling'),
  segformer: () => import('./segformer/modeling'),
  siglip: () => import('./siglip/modeling'),
  smollm3: () => import('./smollm3/modeling'),
  smolvlm: () => import('./smolvlm/modeling'),
  superpoint: () => import('./superpoint/modeling'),
  swin: () => import('./swin/modeling'),
  t5: () => import('./t5/modeling'),
  umt5: () => import('./umt5/modeling'),
  'vision-encoder-decoder': () => import('./vision-encoder-decoder/modeling'),
  vit: () => import('./vit/modeling'),
  vitpose: () => import('./vitpose/modeling'),
  wav2vec2: () => import('./wav2vec2/modeling'),
  whisper: () => import('./whisper/modeling'),
  'xlm-roberta': () => import('./xlm-roberta/modeling'),
  yolos: () => import('./yolos/modeling'),
}

/** Those that a folder of another one holds: its parts, which are models by themselves, and what is the same. */
const others: typeof architectures = {
  clap_audio_model: () => import('./clap/audio-model'),
  clap_text_model: () => import('./clap/text-model'),
  clip_text_model: () => import('./clip/text-model'),
  clip_vision_model: () => import('./clip/vision-model'),
  idefics3: () => import('./smolvlm/idefics3'),
  owlv2_text_model: () => import('./owlv2/text-model'),
  owlv2_vision_model: () => import('./owlv2/vision-model'),
  owlvit_text_model: () => import('./owlvit/text-model'),
  owlvit_vision_model: () => import('./owlvit/vision-model'),
  sam_vision_model: () => import('./sam/vision-model'),
  siglip_text_model: () => import('./siglip/text-model'),
  siglip_vision_model: () => import('./siglip/vision-model'),
  vitpose_backbone: () => import('./vitpose/backbone'),
}

/** The values of `model_type` that have an architecture here. */
export const modelTypes: readonly string[] = [
  ...Object.keys(architectures),
  ...Object.keys(others),
].toSorted()

/** Those that have a folder of their own. */
export const ownFolders: readonly string[] = Object.keys(architectures)

/**
 * The architecture of a `model_type`, fetched on first use.
 * @example
 * const { config, heads } = await findArchitecture('bert')
 * Object.keys(heads) // ['Model', 'ForMaskedLM', 'ForSequenceClassification', …]
 * @throws {UnknownArchitectureError} when there is none; it lists those there are.
 */
export async function findArchitecture(model_type: string): Promise<Architecture> {
  const all = { ...architectures, ...others }
  const load = Object.hasOwn(all, model_type) ? all[model_type] : undefined
  if (!load) {
    throw new UnknownArchitectureError(
      `No architecture for model_type "${model_type}". Known: ${modelTypes.join(', ')}. ` +
        'Register yours with AutoModel.register().',
    )
  }
  return (await load()).architecture
}
