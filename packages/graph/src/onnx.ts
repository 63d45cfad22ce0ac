/** @file A lowered graph as an ONNX file whose weights stay outside, by name. */
import { GraphError } from './errors'
import { toFloat16 } from './float16'
import { topologicalOrder } from './order'
import { Message } from './protobuf'
import type { Dim } from './shape'
import { finish, type Steps } from './steps'
import { type Attribute, type Node, Subgraph, type Tensor } from './tensor'
import { type DType, Float, type TensorType } from './types'

const IR_VERSION = 10
const OPSET = 21
const DTYPES: Record<DType, number> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
}
/** Field numbers of onnx.proto that more than one place writes. */
const GRAPH = 7
const INITIALIZER = 5
const OPSETS = 8
const RAW_DATA = 9

const leaves: ReadonlySet<string> = new Set(['Input', 'Derived', 'Parameter', 'Constant'])

/** The ONNX bytes of the graph that makes `outputs` from `inputs`. Every leaf but a constant needs its name in `names`. */
export function* toOnnx(
  inputs: Readonly<Record<string, TensorType>>,
  outputs: Readonly<Record<string, Tensor>>,
  leafNames: ReadonlyMap<Tensor, string>,
): Steps<Uint8Array<ArrayBuffer>> {
  return modelMessage(yield* graphMessage(inputs, outputs, leafNames)).finish()
}

/** A file of a graph for onnxruntime. */
export const modelMessage = (graph: Message) =>
  new Message()
    .integer(1, IR_VERSION)
    .message(GRAPH, graph)
    .message(OPSETS, opset('', OPSET))
    .message(OPSETS, opset('com.microsoft', 1))

/** A weight that the file itself holds. */
export interface OnnxWeight extends TensorType {
  readonly name: string
  readonly bytes: Blob | Uint8Array<ArrayBuffer>
}

/** Readers of protobuf refuse larger files. */
const LARGEST = 2 ** 31 - 1

/** A graph as a file with its weights inside, whose bytes are put in their places unread.
 * @throws {GraphError} when the file would be too large. */
export function onnxFile(graph: Message, weights: readonly OnnxWeight[]): Blob {
  const sizeOf = (bytes: OnnxWeight['bytes']) => (bytes instanceof Blob ? bytes.size : bytes.length)
  const parts: (Blob | Uint8Array<ArrayBuffer>)[] = [graph.finish()]
  for (const { name, dtype, shape, bytes } of weights) {
    const tensor = tensorMessage(name, { dtype, shape }).begin(RAW_DATA, sizeOf(bytes)).finish()
    parts.push(new Message().begin(INITIALIZER, tensor.length + sizeOf(bytes)).finish(), tensor, bytes)
  }
  const length = parts.reduce((sum, part) => sum + sizeOf(part), 0)
  if (length + 64 > LARGEST)
    throw new GraphError(
      `The ONNX file would have ${length} bytes, but protobuf holds at most ${LARGEST}. ` +
        "Write its weights in half precision, with { dtype: 'fp16' }, or save the model as safetensors.",
    )
  // The graph comes last, so that its weights may follow.
  const file = new Message()
    .integer(1, IR_VERSION)
    .string(2, 'webformers')
    .message(OPSETS, opset('', OPSET))
    .begin(GRAPH, length)
    .finish()
  return new Blob([file, ...parts], { type: 'application/octet-stream' })
}

const opset = (domain: string, version: number) => new Message().string(1, domain).integer(2, version)

/** The graph that makes `outputs` from `inputs`; names that are neither come from around it.
 * @param prefix of the names inside, where those around it are others */
export function* graphMessage(
  inputs: Readonly<Record<string, TensorType>>,
  outputs: Readonly<Record<string, Tensor>>,
  leafNames: ReadonlyMap<Tensor, string>,
  prefix = '',
): Steps<Message> {
  const graph = new Message().string(2, 'webformers')
  const names = new Map(leafNames)
  const copies: [from: Tensor, name: string][] = []
  for (const [name, x] of Object.entries(outputs)) {
    if (names.has(x) || x.node.op === 'Constant') copies.push([x, name])
    else names.set(x, name)
  }

  const order = topologicalOrder(Object.values(outputs))
  yield
  const constants = new Map<string, string>() // equal constants are written once
  for (const [i, node] of order.entries()) {
    if (node.op === 'Constant') names.set(node.outputs[0]!, writeConstant(graph, node, constants, prefix))
    if (leaves.has(node.op)) continue
    for (const [j, x] of node.outputs.entries())
      if (!names.has(x)) names.set(x, `${prefix}${node.op}_${i}.${j}`)
    graph.message(1, nodeMessage(node, `${prefix}${node.op}_${i}`, names))
    yield
  }
  for (const [x, name] of copies) {
    graph.message(1, new Message().string(1, names.get(x)!).string(2, name).string(4, 'Identity'))
  }
  for (const [name, type] of Object.entries(inputs)) graph.message(11, valueInfo(name, type))
  for (const [name, x] of Object.entries(outputs)) graph.message(12, valueInfo(name, x))
  return graph
}

/** A weight's place in a file that the session can read. */
export interface Initializer {
  name: string
  dtype: DType
  shape: readonly number[]
  /** The file, as the session's `externalData` names it. */
  location: string
  /** The first byte and the number of bytes. */
  offset: number
  length: number
}

/** The weights of a graph as ONNX bytes to append to it: protobuf merges a message that follows another. */
export function initializersOnnx(initializers: readonly Initializer[]): Uint8Array<ArrayBuffer> {
  const graph = new Message()
  for (const { name, dtype, shape, location, offset, length } of initializers) {
    const tensor = tensorMessage(name, { dtype, shape })
    for (const [key, value] of Object.entries({ location, offset, length })) {
      tensor.message(13, new Message().string(1, key).string(2, String(value)))
    }
    graph.message(INITIALIZER, tensor.integer(14, 1))
  }
  return new Message().message(GRAPH, graph).finish()
}

function nodeMessage(node: Node, name: string, names: ReadonlyMap<Tensor, string>): Message {
  const message = new Message()
  for (const x of node.inputs) message.string(1, x ? names.get(x)! : '')
  for (const x of node.outputs) message.string(2, names.get(x)!)
  message.string(3, name).string(4, node.op)
  const attributes = node.op === 'Cast' ? { to: DTYPES[node.outputs[0]!.dtype] } : node.attributes
  for (const [key, value] of Object.entries(attributes))
    message.message(
      5,
      value instanceof Subgraph ? bodyMessage(key, value, node) : attributeMessage(key, value),
    )
  return node.domain ? message.string(7, node.domain) : message
}

/** The graph inside of a node, whose names are its own. */
function bodyMessage(name: string, body: Subgraph, { inputs: given }: Node): Message {
  const { inputs, outputs } = body.build(given.map((x) => x!))
  const named = (kind: string, values: readonly Tensor[]) =>
    Object.fromEntries(values.map((x, i) => [`${name}/${kind}.${i}`, x]))
  const types = named('input', inputs)
  const leafNames = new Map(Object.entries(types).map(([key, x]) => [x, key]))
  const graph = finish(graphMessage(types, named('output', outputs), leafNames, `${name}/`))
  return new Message().string(1, name).message(6, graph).integer(20, 5)
}

function attributeMessage(name: string, value: Exclude<Attribute, Subgraph>): Message {
  const message = new Message().string(1, name)
  if (value instanceof Float) return message.float(2, value.value).integer(20, 1)
  if (typeof value === 'number') return message.integer(3, value).integer(20, 2)
  if (typeof value === 'string') return message.string(4, value).integer(20, 3)
  const floats = value.length > 0 && value.every((entry) => entry instanceof Float)
  for (const entry of value) {
    if (entry instanceof Float) message.float(7, entry.value)
    else message.integer(8, Number(entry))
  }
  return message.integer(20, floats ? 6 : 7)
}

/** A graph's input or output. */
export const valueInfo = (name: string, { dtype, shape }: TensorType) => {
  const dims = new Message()
  for (const dim of shape) dims.message(1, dimension(dim))
  const type = new Message().message(1, new Message().integer(1, DTYPES[dtype]).message(2, dims))
  return new Message().string(1, name).message(2, type)
}
const dimension = (dim: Dim) =>
  typeof dim === 'number' ? new Message().integer(1, dim) : new Message().string(2, dim)

/** A tensor of a file, its values to be written yet. */
export const tensorMessage = (name: string, { dtype, shape }: TensorType) => {
  const message = new Message()
  for (const dim of shape) message.integer(1, Number(dim))
  return message.integer(2, DTYPES[dtype]).string(8, name)
}

function writeConstant(graph: Message, node: Node, written: Map<string, string>, prefix: string): string {
  const [x] = node.outputs
  const values = node.attributes.values as readonly number[]
  const key = `${x!.dtype}[${x!.shape}]${values.join()}`
  const known = written.get(key)
  if (known) return known
  const name = `${prefix}constant_${written.size}`
  written.set(key, name)
  graph.message(INITIALIZER, tensorMessage(name, x!).bytes(RAW_DATA, encode(x!.dtype, values)))
  return name
}

/** Numbers as the little-endian bytes of a dtype. */
function encode(dtype: DType, values: readonly number[]): Uint8Array {
  switch (dtype) {
    case 'float32':
      return new Uint8Array(Float32Array.from(values).buffer)
    case 'float16':
      return new Uint8Array(toFloat16(values).buffer)
    case 'int64':
      return new Uint8Array(BigInt64Array.from(values, BigInt).buffer)
    case 'int32':
      return new Uint8Array(Int32Array.from(values).buffer)
    default:
      return Uint8Array.from(values)
  }
}
