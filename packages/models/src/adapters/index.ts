/** @file Adapters of models, and what of a model they adapt. */
export {
  type Adapters,
  type LowRank,
  lowRankName,
  type Prompt,
  promptName,
  promptScale,
  TEXT,
  withAdapters,
} from './adapt'
export { type AdaptableModules, adaptableModules, type LinearModule } from './linear-modules'
export {
  allLinear,
  type Modules,
  means,
  patternValue,
  type Targeting,
  targetsOf,
  usualTargets,
} from './targets'
