/** @file A blueprint as it is stored: its arrays in one blob, which a page reads without holding still, the rest as JSON. */
import type { Blueprint } from '../pretrained/assemble'

export interface Packed {
  /** The blueprint without its model. */
  rest: string
  /** The model, with the places of its arrays in `arrays`. */
  model: string
  arrays: Blob
}

const TYPES = [Uint16Array, Int32Array, Uint32Array, Float64Array, Uint8Array] as const

/** Where an array lies: its type's place in `TYPES`, its first byte and its length. */
interface Place {
  $array: [type: number, start: number, length: number]
}

/** Every array begins where any type may. */
const ALIGNMENT = 8

export function pack({ compiled, ...others }: Blueprint): Packed {
  const { model, ...components } = compiled
  const parts: BlobPart[] = []
  let size = 0
  const place = (_: string, value: unknown): unknown => {
    const type = TYPES.findIndex((Type) => value instanceof Type)
    if (type === -1) return value
    const array = value as InstanceType<(typeof TYPES)[number]>
    const start = size
    const padding = -array.byteLength & (ALIGNMENT - 1)
    parts.push(array as BlobPart, new Uint8Array(padding))
    size += array.byteLength + padding
    return { $array: [type, start, array.length] } satisfies Place
  }
  const modelText = JSON.stringify(model, place)
  return {
    rest: JSON.stringify({ ...others, compiled: components }),
    model: modelText,
    arrays: new Blob(parts),
  }
}

export async function unpack({ rest, model, arrays }: Packed): Promise<Blueprint> {
  const buffer = await arrays.arrayBuffer()
  const blueprint = JSON.parse(rest)
  blueprint.compiled.model = JSON.parse(model, (_, value: Place | undefined) => {
    if (value?.$array === undefined) return value
    const [type, start, length] = value.$array
    return new TYPES[type]!(buffer, start, length)
  })
  return blueprint
}
