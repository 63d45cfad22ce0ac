/** @file A model as one ONNX file, for runtimes that are not this one. */
import { finishCalmly, type SavedTensor } from '@webformers/hub'
import { traceStandalone } from '@webformers/models'
import { OptionError } from './errors'
import type { SavableModel } from './save'

export interface OnnxOptions {
  /** What the weights are kept in; computed is in single precision. Default: `'fp32'`. */
  dtype?: 'fp32' | 'fp16'
  /** Which outputs the graph gives, `'hidden_states'` and `'attentions'` among them. Default: those that calls give. */
  outputs?: readonly string[]
  signal?: AbortSignal
}

/** A model whose usual outputs are known. */
export interface OnnxableModel extends SavableModel {
  readonly outputs: readonly string[]
}

/** @throws {GraphError} when it would be larger than 2 GB. */
export async function toOnnx(
  { client, files, policy, configured, head, adapters, ...model }: OnnxableModel,
  { dtype = 'fp32', outputs = model.outputs, signal }: OnnxOptions = {},
): Promise<Blob> {
  const weights = { fp32: 'float32', fp16: 'float16' } as const
  if (!Object.hasOwn(weights, dtype))
    throw new OptionError(`dtype is ${JSON.stringify(dtype)}, expected 'fp32' or 'fp16'.`)
  if (await adapters?.files())
    throw new OptionError('An ONNX file has no place for an adapter. Call mergeAdapter() first.')
  const { architecture, config } = configured
  const tracing = traceStandalone(architecture, head, config, outputs, weights[dtype])
  const graph = await finishCalmly(tracing, signal)
  const saved = await client.save(files, policy, { dtype, signal })
  const byName = new Map<string, SavedTensor['bytes']>(saved.map(({ name, bytes }) => [name, bytes]))
  return graph.write(byName)
}
