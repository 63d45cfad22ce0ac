/** @file The values of parameters, read and set. */
import { MissingTensorError, type SavedTensor, TensorShapeError } from '@webformers/hub'
import type { Programs } from '../programs'
import type { Tensor } from '../tensor'
import { findParameter, storedTensors, tensorsOf } from './model-parameters'

/** @throws {UnknownPathError} @throws {MissingTensorError} when the checkpoint never had it */
export async function readValue(model: Programs, given: string): Promise<Tensor<'float32'>> {
  const name = findParameter(model, given).paths[0]!
  const [found] = await storedTensors(model, [name], 'fp32')
  if (!found) {
    throw new MissingTensorError(
      `The checkpoint has no "${name}", which the model does without. Set it with setParameter() first.`,
    )
  }
  return tensorOf(found)
}

/** All values by all their names; tied ones are one tensor. */
export async function stateDict(model: Programs): Promise<Record<string, Tensor<'float32'>>> {
  const names = new Map(tensorsOf(model).map(({ paths }) => [paths[0]!, paths]))
  const stored = await storedTensors(model, [...names.keys()], 'fp32')
  const read = stored.map(async (saved) => {
    const value = await tensorOf(saved)
    return names.get(saved.name)!.map((name) => [name, value] as const)
  })
  return Object.fromEntries((await Promise.all(read)).flat())
}

/** @throws {UnknownPathError} @throws {TensorShapeError} when it has another shape */
export async function setValue(model: Programs, given: string, value: Tensor): Promise<void> {
  const { paths, shape } = findParameter(model, given)
  if (String(value.shape) !== String(shape)) {
    throw new TensorShapeError(
      `"${paths[0]}" has shape [${shape.join(', ')}], got [${value.shape.join(', ')}]. ` +
        'A vocabulary of another size is made by resizeTokenEmbeddings().',
    )
  }
  await model.change([{ name: paths[0]!, shape, ...bytesOf(value) }])
}

const tensorOf = async ({ shape, bytes }: SavedTensor): Promise<Tensor<'float32'>> => {
  const buffer = bytes instanceof Blob ? await bytes.arrayBuffer() : bytes.slice().buffer
  return { dtype: 'float32', shape, data: new Float32Array(buffer) }
}

/** Half precision stays what it is; all else becomes single. */
function bytesOf({ dtype, data }: Tensor): Pick<SavedTensor, 'dtype' | 'bytes'> {
  if (dtype === 'float16') return { dtype: 'F16', bytes: new Blob([Uint16Array.from(data as Uint16Array)]) }
  return { dtype: 'F32', bytes: new Blob([Float32Array.from(data, Number)]) }
}
