/** @file An ONNX file as the session wants it: the graph as bytes, its large weights left where they lie in the file. */
import { Message } from '@webformers/graph'
import { CorruptCheckpointError } from '@webformers/hub'
import type { ExternalFile } from '../session'
import { concatenate, type TensorDType } from '../tensor'
import { type Field, LENGTH, VARINT, WireFile } from './wire-format'

/** What goes into a graph or comes out of it. */
export interface ValueType {
  /** `undefined` for a type that no plain tensor has. */
  readonly dtype: TensorDType | undefined
  /** A name is a run-time dimension; `undefined` where the file tells no shape. */
  readonly shape: readonly (number | string)[] | undefined
}
export type ValueTypes = Readonly<Record<string, ValueType>>

export interface OnnxModel {
  readonly onnx: Uint8Array<ArrayBuffer>
  readonly inputs: ValueTypes
  readonly outputs: ValueTypes
  /** The files that weights lie in, the model's own among them where it still holds some. */
  readonly locations: ReadonlySet<string>
}

/** Field numbers of onnx.proto. */
const MODEL = { graph: 7 }
const GRAPH = { initializer: 5, input: 11, output: 12 }
const TENSOR = { name: 8, rawData: 9, externalData: 13, dataLocation: 14 }
const ENTRY = { key: 1, value: 2 }
const VALUE = { name: 1, type: 2 }
const TYPE = { tensor: 1, elementType: 1, shape: 2, dimension: 1, size: 1, name: 2 }
const EXTERNAL = 1

/** Smaller weights stay in the graph: shapes and indices are among them, which onnxruntime's optimizer reads. */
const INLINE = 1024 // bytes

const dtypes: Readonly<Record<number, TensorDType>> = {
  1: 'float32',
  2: 'uint8',
  3: 'int8',
  6: 'int32',
  7: 'int64',
  9: 'bool',
  10: 'float16',
}

/**
 * Read what a file says of its graph. Its bytes are never in memory as a whole, however large its weights are.
 * @throws {TruncatedFileError} when the file ends too early @throws {CorruptCheckpointError} when it is no ONNX file
 */
export function readModel(file: ExternalFile): OnnxModel {
  return new ModelReader(file).read()
}

class ModelReader {
  readonly #source: WireFile
  readonly #inputs = new Map<string, ValueType>()
  readonly #outputs = new Map<string, ValueType>()
  readonly #weights = new Set<string>()
  readonly #locations = new Set<string>()

  constructor(readonly file: ExternalFile) {
    this.#source = new WireFile(file)
  }

  read(): OnnxModel {
    const { size, path } = this.file
    const parts: Uint8Array[] = []
    let graphs = 0
    for (const field of this.#source.fields(0, size)) {
      if (field.number !== MODEL.graph || field.wire !== LENGTH)
        parts.push(this.#source.bytes(field.start, field.end))
      else {
        graphs += 1
        parts.push(new Message().bytes(MODEL.graph, this.#graph(field)).finish())
      }
    }
    if (graphs === 0 || this.#outputs.size === 0) {
      throw new CorruptCheckpointError(`"${path}" is no ONNX file: it has no graph that gives anything.`)
    }
    // Older files list their weights among the inputs.
    const inputs = [...this.#inputs].filter(([name]) => !this.#weights.has(name))
    return {
      onnx: concatenate(...parts),
      inputs: Object.fromEntries(inputs),
      outputs: Object.fromEntries(this.#outputs),
      locations: this.#locations,
    }
  }

  /** The graph without the weights that are left in the file. */
  #graph({ body, end }: Field): Uint8Array<ArrayBuffer> {
    const parts: Uint8Array[] = []
    let kept = body
    for (const field of this.#source.fields(body, end)) {
      if (field.wire !== LENGTH) continue
      if (field.number === GRAPH.input) this.#inputs.set(...this.#value(field))
      if (field.number === GRAPH.output) this.#outputs.set(...this.#value(field))
      const outside = field.number === GRAPH.initializer ? this.#weight(field) : undefined
      if (!outside) continue
      parts.push(this.#source.bytes(kept, field.start), outside)
      kept = field.end
    }
    parts.push(this.#source.bytes(kept, end))
    return concatenate(...parts)
  }

  /** A weight that points to its numbers in this file; `undefined` where it is small, or points elsewhere already. */
  #weight(field: Field): Uint8Array | undefined {
    let data: Field | undefined
    let external = false
    const others: Field[] = []
    for (const each of this.#source.fields(field.body, field.end)) {
      if (each.number === TENSOR.name) this.#weights.add(this.#source.text(each))
      if (each.number === TENSOR.externalData) this.#location(each)
      if (each.number === TENSOR.dataLocation) external = each.value === EXTERNAL
      if (each.number === TENSOR.rawData && each.wire === LENGTH) data = each
      else others.push(each)
    }
    if (external || !data || data.end - data.body < INLINE) return undefined
    const message = new Message()
    const place = { location: this.file.path, offset: data.body, length: data.end - data.body }
    for (const [key, value] of Object.entries(place)) {
      message.message(
        TENSOR.externalData,
        new Message().string(ENTRY.key, key).string(ENTRY.value, String(value)),
      )
    }
    this.#locations.add(this.file.path)
    const rest = others.map(({ start, end }) => this.#source.bytes(start, end))
    const tensor = concatenate(...rest, message.integer(TENSOR.dataLocation, EXTERNAL).finish())
    return new Message().bytes(GRAPH.initializer, tensor).finish()
  }

  #location(field: Field) {
    const entry = new Map<number, string>()
    for (const each of this.#source.fields(field.body, field.end))
      entry.set(each.number, this.#source.text(each))
    const location = entry.get(ENTRY.value)
    if (entry.get(ENTRY.key) === 'location' && location) this.#locations.add(location.replace(/^\.\//, ''))
  }

  #value(field: Field): [string, ValueType] {
    let name = ''
    let type: ValueType = { dtype: undefined, shape: undefined }
    for (const each of this.#source.fields(field.body, field.end)) {
      if (each.number === VALUE.name) name = this.#source.text(each)
      if (each.number === VALUE.type) type = this.#type(each)
    }
    return [name, type]
  }

  #type(field: Field): ValueType {
    let dtype: TensorDType | undefined
    let shape: (number | string)[] | undefined
    for (const kind of this.#source.fields(field.body, field.end)) {
      if (kind.number !== TYPE.tensor || kind.wire !== LENGTH) continue
      for (const each of this.#source.fields(kind.body, kind.end)) {
        if (each.number === TYPE.elementType) dtype = dtypes[each.value]
        if (each.number === TYPE.shape && each.wire === LENGTH) shape = this.#shape(each)
      }
    }
    return { dtype, shape }
  }

  #shape(field: Field): (number | string)[] {
    const dims: (number | string)[] = []
    for (const dim of this.#source.fields(field.body, field.end)) {
      if (dim.number !== TYPE.dimension || dim.wire !== LENGTH) continue
      let size: number | string = '' // any size, without a name
      for (const each of this.#source.fields(dim.body, dim.end)) {
        if (each.number === TYPE.size && each.wire === VARINT) size = each.value
        if (each.number === TYPE.name && each.wire === LENGTH) size = this.#source.text(each)
      }
      dims.push(size)
    }
    return dims
  }
}
