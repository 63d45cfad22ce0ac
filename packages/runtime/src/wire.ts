/** @file What Comlink does not carry by itself: tensors are handed over instead of copied, errors arrive as what they were. */
import {
  CorruptCheckpointError,
  FileNotFoundError,
  MissingTensorError,
  TensorShapeError,
  TruncatedFileError,
  UnsafeCheckpointError,
  UnsupportedCheckpointError,
  WebformersError,
} from '@webformers/hub'
import { transfer, transferHandlers } from 'comlink'
import * as errors from './errors'
import type { PlainTensors } from './tensor'

/** Hand the memory of tensors over to the other side; it is gone on this one. */
export const handOver = <T extends PlainTensors>(tensors: T): T =>
  transfer(
    tensors,
    Object.values(tensors).map(({ data }) => data.buffer as ArrayBuffer),
  )

/** What a worker may throw, by name: a minifier renames classes, not these keys. */
const classes: Record<string, { readonly prototype: Error }> = {
  ...errors,
  CorruptCheckpointError,
  FileNotFoundError,
  MissingTensorError,
  TensorShapeError,
  TruncatedFileError,
  UnsafeCheckpointError,
  UnsupportedCheckpointError,
  WebformersError,
  TypeError,
  RangeError,
  Error,
}

/** An error as structured cloning can carry it: its own fields beside what every error has. */
interface WireError {
  name: string
  message: string
  stack: string | undefined
  cause: WireValue
  fields: Record<string, unknown>
}
type WireValue = { error: WireError } | { value: unknown }

const always = ['message', 'stack', 'cause']

function pack(value: unknown): WireValue {
  if (!(value instanceof Error)) return { value: cloneable(value) ? value : String(value) }
  const { name, message, stack, cause } = value
  const fields = Object.entries(value).filter(([key, field]) => !always.includes(key) && cloneable(field))
  return { error: { name, message, stack, cause: pack(cause), fields: Object.fromEntries(fields) } }
}

function unpack(wire: WireValue): unknown {
  if (!('error' in wire)) return wire.value
  const { name, message, stack, cause, fields } = wire.error
  const known = Object.hasOwn(classes, name) ? classes[name] : undefined
  // A class of unknown arguments can't be constructed again; a plain error given its prototype is one of it.
  const error = new Error(known ? message : `${name}: ${message}`)
  Object.setPrototypeOf(error, (known ?? WebformersError).prototype)
  Object.assign(error, fields, !known && { name: 'WebformersError' })
  const hidden = { enumerable: false, configurable: true, writable: true }
  const why = unpack(cause)
  if (why !== undefined) Object.defineProperty(error, 'cause', { ...hidden, value: why })
  return Object.defineProperty(error, 'stack', { ...hidden, value: stack })
}

function cloneable(value: unknown): boolean {
  try {
    structuredClone(value)
    return true
  } catch {
    return false
  }
}

let registered = false

/** Make thrown errors cross with their class, cause and own fields; both halves call it before the first message. */
export function registerErrors() {
  if (registered) return
  registered = true
  const thrown = transferHandlers.get('throw')!
  // Ours goes beside Comlink's own form, so that a page's other workers, which know only that one, still understand.
  transferHandlers.set('throw', {
    canHandle: thrown.canHandle,
    serialize(thrownValue: { value: unknown }) {
      const [wire, transferables] = thrown.serialize(thrownValue)
      return [{ ...(wire as object), webformers: pack(thrownValue.value) }, transferables]
    },
    deserialize(wire: { webformers?: WireValue }) {
      if (!wire.webformers) return thrown.deserialize(wire)
      throw unpack(wire.webformers)
    },
  })
}
