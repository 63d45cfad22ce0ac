/** @file `image-feature-extraction`: hidden states of images, or one vector an image. */
import type { ImageInput } from '@webformers/processors'
import { OptionError } from '../errors'
import { type Nested, type Tensor, toList } from '../tensor'
import { type ImageOutputs, type ImageRow, imageRow, runImages } from './image-rows'
import { defineTask } from './task'

export interface ImageFeatureExtractionOptions {
  /** What the model's pooler makes of its hidden states. Default: `false`, all of them. */
  pool?: boolean
  /** Give tensors instead of nested lists. Default: `false`. */
  returnTensors?: boolean
}

type Features<O> = O extends { returnTensors: true } ? Tensor<'float32'> : Nested<number>

/** An image gives `[1][tokens][hidden]`, or what else the model has; pooled `[1][hidden]`. */
export interface ImageFeatureExtraction<O> {
  input: ImageInput
  options: ImageFeatureExtractionOptions
  one: Features<O>
  many: Features<O>[]
}

export const imageFeatureExtraction = defineTask({
  head: 'Model',
  standard: { source: 'google/vit-base-patch16-224', revision: '3f49326' },
  preprocessing: ['imageProcessor'],
  settle: ({ pool = false, returnTensors = false }: ImageFeatureExtractionOptions) => ({
    pool,
    returnTensors,
  }),
  prepare: (image: ImageInput, _, context) => imageRow(image, context),
  run: (rows: readonly ImageRow[], _, context) => runImages(rows, context),
  answer([outputs = {} as ImageOutputs], { pool, returnTensors }): Tensor<'float32'> | Nested<number> {
    const { last_hidden_state, pooler_output } = outputs
    if (pool && !pooler_output) {
      throw new OptionError(
        "This model has no pooler. Leave { pool: true } out, and take the hidden states' mean.",
      )
    }
    const features = (pool ? pooler_output : last_hidden_state)!
    return returnTensors ? { ...features, data: features.data.slice() } : toList<Nested<number>>(features)
  },
})
