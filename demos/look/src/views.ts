/** @file What can be looked for, and with which model. */
import type { Task } from 'webformers'

export const VIEWS = ['labels', 'boxes', 'masks', 'depth'] as const
export type View = (typeof VIEWS)[number]

/** A way to look, as the library knows it. */
export interface Way {
  readonly task: Task
  /** A model of the Hub that is small and knows photographs. */
  readonly suggested: { readonly repository: string; readonly megabytes: number }
  /** Which others do, in words. */
  readonly kind: string
}

export const ways = {
  labels: {
    task: 'image-classification',
    suggested: { repository: 'google/mobilenet_v2_1.0_224', megabytes: 14 },
    kind: 'Any that classifies images: ViT, DINOv2, Swin, ConvNeXt, …',
  },
  boxes: {
    task: 'object-detection',
    suggested: { repository: 'hustvl/yolos-tiny', megabytes: 26 },
    kind: 'Any that detects objects: YOLOS, DETR',
  },
  masks: {
    task: 'image-segmentation',
    suggested: { repository: 'nvidia/segformer-b0-finetuned-ade-512-512', megabytes: 15 },
    kind: 'Any that segments images: SegFormer, DPT, DETR',
  },
  depth: {
    task: 'depth-estimation',
    suggested: { repository: 'depth-anything/Depth-Anything-V2-Small-hf', megabytes: 99 },
    kind: 'Any that estimates depth: Depth Anything, DPT',
  },
} as const satisfies Record<View, Way>
