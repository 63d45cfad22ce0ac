/** @file TensorFlow's `tf_model.h5`: the variables of a Keras model, presented with PyTorch's names and layout. */
import type { TensorEntry, TensorFile } from '../tensor-entry'
import { readHdf5 } from './hdf5'
import { type PytorchVariable, permuted, reversed } from './permuted'

/**
 * Read where the tensors of a TensorFlow checkpoint lie.
 * @throws {TruncatedFileError} @throws {CorruptCheckpointError}
 */
export async function readTensorflow(file: string, blob: Blob): Promise<TensorFile> {
  const { datasets, attributes } = await readHdf5(file, blob)
  // Keras signs what it saves, and puts each variable below its layer; shards are transformers' own.
  const saved = attributes.includes('keras_version') ? byKeras : inShard
  const entries = new Map<string, TensorEntry>()
  for (const { path, ...dataset } of datasets) {
    const { originalName, variable } = saved(path)
    const { axes, ...pytorchs } = pytorchVariable(variable, dataset.shape)
    if (entries.has(pytorchs.name)) continue // a variable that two layers use is saved with both
    const numbers = axes ? permuted(dataset, axes) : dataset
    entries.set(pytorchs.name, { ...numbers, ...pytorchs, file, originalName })
  }
  return { entries: [...entries.values()], metadata: { format: 'tf' } }
}

const byKeras = (path: readonly string[]) => {
  const variable = path.slice(1).join('/')
  return { originalName: variable, variable }
}

/** The model's class, with which each variable begins, is left out in shards, other than of names with `model.`. */
const inShard = (path: readonly string[]) => {
  const originalName = path.join('/')
  return { originalName, variable: originalName.includes('model.') ? originalName : `/${originalName}` }
}

/** How PyTorch ends a variable's name; others end the same. */
const endings: Readonly<Record<string, string>> = {
  kernel: 'weight',
  embeddings: 'weight',
  gamma: 'weight',
  beta: 'bias',
  depthwise_kernel: 'depthwise.weight',
  pointwise_kernel: 'pointwise.weight',
  moving_mean: 'running_mean',
  moving_variance: 'running_var',
}

/**
 * What PyTorch calls a variable of TensorFlow, its shape there, and the order of its axes where that is another one.
 * @example
 * pytorchVariable('tf_bert/mlm___cls/predictions/transform/dense/kernel:0', [8, 12])
 * // { name: 'cls.predictions.transform.dense.weight', shape: [12, 8], axes: [1, 0] }
 */
export function pytorchVariable(variable: string, shape: readonly number[]): PytorchVariable {
  const levels = variable.replaceAll(':0', '').split('/')
  const last = levels.pop()!
  const path = levels
    .slice(1) // the model's class
    .map((level) => level.slice(level.includes('___') ? level.lastIndexOf('___') + 3 : 0)) // a___b stands for b
    .flatMap((level) => level.split('_._')) // a list, and a place in it
    .filter((level) => level !== '')
  const name = [...path, Object.hasOwn(endings, last) ? endings[last]! : last].join('.')
  const axes = axesOf(last, shape.length)
  if (axes) return { name, axes, shape: axes.map((axis) => shape[axis]!) }
  // GPT-2's layers add a bias of one row; a convolution of ConvBERT adds one of one column in PyTorch.
  if (last === 'bias' && shape.length === 2 && shape[0] === 1) return { name, shape: shape.slice(1) }
  return { name, shape: name.endsWith('.key_conv_attn_layer.bias') ? [...shape, 1] : shape }
}

/** Keras has a kernel's inputs before its outputs, and the places in a window before both. */
function axesOf(last: string, rank: number): number[] | undefined {
  if (last === 'kernel' && rank === 4) return [3, 2, 0, 1]
  if (last === 'depthwise_kernel' && rank === 3) return [1, 2, 0]
  return (last === 'kernel' || last === 'pointwise_kernel') && rank > 1 ? reversed(rank) : undefined
}
