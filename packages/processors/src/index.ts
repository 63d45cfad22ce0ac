/** @file @webformers/processors: images and sound as tensors, and what models say of images as answers. */
export * from './audio'
export * from './images'
export type { FeatureTensor } from './tensor'
