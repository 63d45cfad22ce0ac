/** @file `feature-extraction`: hidden states of texts, or one vector a text. */
import { type Tensor, toList } from '../tensor'
import { encode } from './encode'
import { defineTask, type TruncationOptions, tokenRows } from './task'

/** How a text's tokens become one vector: their mean, the first token's, or the largest value of each feature. */
export type Pooling = 'mean' | 'cls' | 'max' | 'none'

export interface FeatureExtractionOptions extends TruncationOptions {
  /** One vector a text, as sentence-transformers makes it. Default: `'none'`, every token's vector. */
  pooling?: Pooling
  /** Scale each vector to length 1. Default: `false`. */
  normalize?: boolean
  /** Without pooling, give tensors `[1, tokens, hidden]` instead of nested lists. Default: `false`. */
  returnTensors?: boolean
}

type Pools<O> = O extends { pooling: Exclude<Pooling, 'none'> } ? true : false
type Tokens<O> = O extends { returnTensors: true } ? Tensor<'float32'> : number[][][]

/** Each text gives the nested lists of Python, `[1][tokens][hidden]`. With pooling the texts together give one tensor
 * `[texts, hidden]`. */
export interface FeatureExtraction<O> {
  input: string
  options: FeatureExtractionOptions
  one: Pools<O> extends true ? Tensor<'float32'> : Tokens<O>
  many: Pools<O> extends true ? Tensor<'float32'> : Tokens<O>[]
}

export const featureExtraction = defineTask({
  head: 'Model',
  outputs: ['last_hidden_state'],
  standard: { source: 'distilbert/distilbert-base-cased', revision: '6ea8117' },
  settle: ({
    pooling = 'none',
    normalize = false,
    returnTensors = false,
    truncation,
    maxLength,
  }: FeatureExtractionOptions) => ({ pooling, normalize, returnTensors, cut: { truncation, maxLength } }),
  prepare: (text: string, { cut }, context) => encode(context, text, cut),
  answer([first], { pooling, normalize, returnTensors }): Tensor<'float32'> | number[][][] {
    const tokens = tokenRows(first!, first!.outputs.last_hidden_state!)
    const vectors = pooling === 'none' ? tokens.map((token) => token.slice()) : [pools[pooling](tokens)]
    if (normalize) vectors.forEach(toUnitLength)
    const features = stack(vectors)
    if (pooling !== 'none') return features
    const text = { ...features, shape: [1, ...features.shape] }
    return returnTensors ? text : toList<number[][][]>(text)
  },
  together(answers, { pooling }) {
    if (pooling === 'none') return answers
    return stack(answers.map((answer) => (answer as Tensor<'float32'>).data))
  },
})

type Vectors = readonly Float32Array[]

/** One vector of several, feature by feature. */
const combine = (vectors: Vectors, feature: (i: number) => number) =>
  Float32Array.from(vectors[0]!, (_, i) => feature(i))

export const pools: Record<Exclude<Pooling, 'none'>, (tokens: Vectors) => Float32Array> = {
  mean: (tokens) => combine(tokens, (i) => tokens.reduce((sum, token) => sum + token[i]!, 0) / tokens.length),
  cls: ([first]) => first!.slice(),
  max: (tokens) =>
    combine(tokens, (i) => tokens.reduce((most, token) => Math.max(most, token[i]!), -Infinity)),
}

function toUnitLength(vector: Float32Array): void {
  const length = Math.hypot(...vector) || 1
  for (let i = 0; i < vector.length; i++) vector[i] = vector[i]! / length
}

/** Vectors as the rows of one tensor. */
function stack(vectors: Vectors): Tensor<'float32'> {
  const size = vectors[0]?.length ?? 0
  const data = new Float32Array(vectors.length * size)
  for (const [i, vector] of vectors.entries()) data.set(vector, i * size)
  return { dtype: 'float32', shape: [vectors.length, size], data }
}
