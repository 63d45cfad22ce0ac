/** @file A preprocessor_config.json, or what a call says, as today's transformers would write it. */
import type { ImageProcessorDefinition } from './definition'
import { RESAMPLING } from './filters'
import { filterOf } from './layout'
import { type ImageProcessorConfig, type ImageProcessorSettings, snakeCase } from './settings'
import { type SizeLike, sizeDict } from './sizes'

type Given = Readonly<Record<string, unknown>>

/** What a bare number means under the keys that are sizes, beside `size` itself. */
const SIZES = {
  crop_size: 'square',
  pad_size: 'square',
  mask_size: 'longest_edge',
  mask_pad_size: 'square',
  max_image_size: 'longest_edge',
} as const

/** Keys that say what a file is, and nothing of what is done with images. */
const ABOUT = ['image_processor_type', 'feature_extractor_type']

/**
 * Defaults filled in, sizes with their keys, filters by their numbers, old spellings as today's.
 * @throws {ImageProcessorError} when a size or a filter makes no sense.
 */
export function settleConfig(definition: ImageProcessorDefinition, given: Given): ImageProcessorConfig {
  const config: ImageProcessorConfig & Record<string, unknown> = { ...definition.defaults }
  for (const [key, value] of Object.entries(given)) {
    // What a file leaves open as null, Python's constructors fill in.
    if (value === undefined || (value === null && config[key] != null) || ABOUT.includes(key)) continue
    config[key] = value
  }
  if (config.resample !== undefined) config.resample = RESAMPLING.indexOf(filterOf(config.resample))
  if (config.size != null) config.size = (definition.size ?? bothSides)(config.size, given)
  for (const [key, bare] of Object.entries(SIZES)) {
    if (config[key] != null) config[key] = sizeDict(config[key] as SizeLike, bare, key)
  }
  return definition.settle?.(config) ?? config
}

const bothSides = (size: SizeLike) => sizeDict(size, 'square')

/** The configuration as a call has it.
 * @throws {ImageProcessorError} */
export function settleCall(
  definition: ImageProcessorDefinition,
  config: ImageProcessorConfig,
  settings: ImageProcessorSettings,
): ImageProcessorConfig {
  const said = Object.entries(settings).filter(([, value]) => value !== undefined)
  if (said.length === 0) return config
  // Qwen2-VL has two names for its size; the one that a call says counts.
  const { min_pixels, max_pixels, ...rest } = config
  const kept = settings.size === undefined ? config : rest
  return settleConfig(definition, {
    ...kept,
    ...Object.fromEntries(said.map(([key, value]) => [snakeCase(key), value])),
  })
}
