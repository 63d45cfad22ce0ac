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
  type TextInputs,
  textInputs,
} from './architecture'
export { type BlockChoice, blocksOf, type Rounding } from './blocks'
export { type Adapt, type Hooks, type LossHook, patchInput } from './call'
export { type Json, type PretrainedConfig, pretrainedConfig } from './configuration'
export { traceDecoding } from './decoding'
export { type EmbeddingModule, embeddingModules, embeddingTables, vocabularyAxes } from './embeddings'
export { ConfigurationError, UnknownArchitectureError, UnknownPathError } from './errors'
export { expectHeads, headsOf, keptHeads, type PrunedHeads, type Stack, sharedHeadsOf } from './heads'
export { callOf, type Patch } from './inner-values'
export { acceptsItemCount, IGNORED_LABEL, lossCount, problemType } from './losses'
export { checkpointNames, gammaBeta, savedBuffers } from './names'
export { nearestPath } from './nearest'
export { pruneConfig, prunedBlocks, takeRanges } from './pruning'
export { shiftedRight } from './shift-right'
export {
  capturedOutput,
  inputNames,
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
  bart: () => import('./bart/modeling'),
  bert: () => import('./bert/modeling'),
  camembert: () => import('./camembert/modeling'),
  distilbert: () => import('./distilbert/modeling'),
  electra: () => import('./electra/modeling'),
  gemma2: () => import('./gemma2/modeling'),
  gemma3_text: () => import('./gemma3_text/modeling'),
  gpt2: () => import('./gpt2/modeling'),
  gpt_neox: () => import('./gpt_neox/modeling'),
  llama: () => import('./llama/modeling'),
  m2m_100: () => import('./m2m_100/modeling'),
  marian: () => import('./marian/modeling'),
  mbart: () => import('./mbart/modeling'),
  mistral: () => import('./mistral/modeling'),
  mpnet: () => import('./mpnet/modeling'),
  mt5: () => import('./mt5/modeling'),
  phi3: () => import('./phi3/modeling'),
  qwen2: () => import('./qwen2/modeling'),
  qwen3: () => import('./qwen3/modeling'),
  roberta: () => import('./roberta/modeling'),
  smollm3: () => import('./smollm3/modeling'),
  t5: () => import('./t5/modeling'),
  umt5: () => import('./umt5/modeling'),
  vit: () => import('./vit/modeling'),
  'xlm-roberta': () => import('./xlm-roberta/modeling'),
}

/** The values of `model_type` that have an architecture here. */
export const modelTypes: readonly string[] = Object.keys(architectures)

/**
 * The architecture of a `model_type`, fetched on first use.
 * @example
 * const { config, heads } = await findArchitecture('bert')
 * Object.keys(heads) // ['Model', 'ForMaskedLM', 'ForSequenceClassification', …]
 * @throws {UnknownArchitectureError} when there is none; it lists those there are.
 */
export async function findArchitecture(model_type: string): Promise<Architecture> {
  const load = Object.hasOwn(architectures, model_type) ? architectures[model_type] : undefined
  if (!load) {
    throw new UnknownArchitectureError(
      `No architecture for model_type "${model_type}". Known: ${modelTypes.join(', ')}. ` +
        'Register yours with AutoModel.register().',
    )
  }
  return (await load()).architecture
}
