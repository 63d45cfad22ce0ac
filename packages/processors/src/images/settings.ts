/** @file What a preprocessor_config.json says, and the same as options of a call. */
import type { Resampling } from './filters'
import type { SizeDict, SizeLike } from './sizes'

/** preprocessor_config.json, its sizes with their keys and every default filled in; a key that a class does not know is kept. */
export interface ImageProcessorConfig {
  do_convert_rgb?: boolean | null
  do_resize?: boolean
  size?: SizeDict
  /** A filter of Pillow, by its number there. */
  resample?: number
  do_center_crop?: boolean
  crop_size?: SizeDict
  /** ConvNeXt: how much of the resized image is kept, where it is smaller than 384. */
  crop_pct?: number
  do_rescale?: boolean
  rescale_factor?: number
  do_normalize?: boolean
  image_mean?: number | readonly number[]
  image_std?: number | readonly number[]
  do_pad?: boolean
  pad_size?: SizeDict | null
  /** DPT: sides are padded to multiples of it. */
  size_divisor?: number | null
  keep_aspect_ratio?: boolean
  ensure_multiple_of?: number
  /** Label maps: 0, the background, becomes 255, which no loss counts. */
  do_reduce_labels?: boolean
  /** DETR and YOLOS: whether boxes of annotations become centers and sizes, in parts of the image. */
  do_convert_annotations?: boolean
  format?: string
  /** SAM: the size of label maps. */
  mask_size?: SizeDict
  mask_pad_size?: SizeDict
  /** ViTPose: whether what boxes frame is drawn at `size`. */
  do_affine_transform?: boolean
  /** ViTPose: pixels that a scale of one means; Python has no other than 200. */
  normalize_factor?: number
  /** SuperPoint: whether the three channels become the same. */
  do_grayscale?: boolean
  /** Donut. */
  do_thumbnail?: boolean
  do_align_long_axis?: boolean
  /** Idefics3 and SmolVLM. */
  do_image_splitting?: boolean
  max_image_size?: SizeDict
  /** Qwen2-VL. */
  min_pixels?: number
  max_pixels?: number
  patch_size?: number
  temporal_patch_size?: number
  merge_size?: number
}

type CamelCase<K> = K extends `${infer A}_${infer B}` ? `${A}${Capitalize<CamelCase<B>>}` : K

/** The configuration's keys that are sizes; a call takes them as numbers or lists, too, as older files have them. */
type SizeKey = 'size' | 'crop_size' | 'pad_size' | 'mask_size' | 'mask_pad_size' | 'max_image_size'

/** What a call may say otherwise than the configuration, by the same names in camelCase: `{ doCenterCrop: false }`. */
export type ImageProcessorSettings = {
  [K in Exclude<keyof ImageProcessorConfig, SizeKey | 'resample'> as CamelCase<K>]?: ImageProcessorConfig[K]
} & { [K in SizeKey as CamelCase<K>]?: SizeLike } & {
  /** A filter of Pillow, by its name or its number there. */
  resample?: Resampling | number
}

/** `doCenterCrop` → `do_center_crop`. */
export const snakeCase = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

export const IMAGENET_MEAN = [0.485, 0.456, 0.406]
export const IMAGENET_STD = [0.229, 0.224, 0.225]
export const HALF = [0.5, 0.5, 0.5]
export const CLIP_MEAN = [0.48145466, 0.4578275, 0.40821073]
export const CLIP_STD = [0.26862954, 0.26130258, 0.27577711]
export const [LANCZOS, BILINEAR, BICUBIC] = [1, 2, 3]
