/** @file A graph that needs nobody but its caller: int64 ids come in as other exports have them, sizes are read from shapes. */
import { lower, type Parameter } from './lower'
import { graphMessage, type Initializer, initializersOnnx, type OnnxWeight, onnxFile } from './onnx'
import { topologicalOrder } from './order'
import { selfContained } from './self-contained'
import type { Steps } from './steps'
import { input, type Tensor } from './tensor'

/** A graph in standard operations whose weights are yet to come. */
export interface StandaloneGraph {
  readonly parameters: readonly Parameter[]
  /**
   * The ONNX file.
   * @param weights the bytes of each parameter, by its name in the graph
   * @throws {GraphError} when it would have more than the 2 GB that protobuf can hold.
   */
  write(weights: ReadonlyMap<string, Blob | Uint8Array<ArrayBuffer>>): Blob
  /** The ONNX file without the weights, which lie where `initializers` tells: there is no limit to them. */
  writeBeside(initializers: readonly Initializer[]): Blob
}

/** The graph of `outputs` as one ONNX file of opset 21; `names` gives each parameter its names in the checkpoint. */
export function* standalone(
  outputs: Readonly<Record<string, Tensor>>,
  inputs: Readonly<Record<string, Tensor>>,
  names: ReadonlyMap<Tensor, readonly string[]>,
  weights: 'float32' | 'float16',
): Steps<StandaloneGraph> {
  const lowered = yield* lower(outputs, names, { device: 'wasm', fused: false, compute: 'float32', weights })
  const order = topologicalOrder(Object.values(lowered.outputs))
  const used = new Set(order.flatMap((node) => node.outputs))
  const given = Object.fromEntries(
    Object.entries(inputs)
      .filter(([, x]) => used.has(x))
      .map(([name, x]) => [name, input(x.shape, x.dtype === 'int32' ? 'int64' : x.dtype)]),
  )
  const replaced = new Map<Tensor, Tensor>()
  for (const [name, x] of Object.entries(given)) replaced.set(inputs[name]!, x.cast(inputs[name]!.dtype))
  selfContained(order, Object.values(given), replaced)
  const final = Object.entries(lowered.outputs).map(([name, x]) => [name, replaced.get(x)!] as const)

  const leaves = new Map<Tensor, string>(Object.entries(given).map(([name, x]) => [x, name]))
  const parameters = [...lowered.parameters].filter(([x]) => used.has(x))
  for (const [x, { name }] of parameters) leaves.set(x, name)
  const graph = yield* graphMessage(given, Object.fromEntries(final), leaves)
  const write = (weights: readonly OnnxWeight[]) => onnxFile(graph, weights)
  return {
    parameters: parameters.map(([, parameter]) => parameter),
    write: (bytes) =>
      write(
        parameters.map(([, { name, dtype, shape }]) => ({ name, dtype, shape, bytes: bytes.get(name)! })),
      ),
    // protobuf merges a message that follows another
    writeBeside: (initializers) => new Blob([write([]), initializersOnnx(initializers)]),
  }
}
