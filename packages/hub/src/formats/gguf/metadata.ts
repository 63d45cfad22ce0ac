/**
 * @file What a GGUF file says before its tensors: keys with values, and where each tensor lies.
 *
 * `@huggingface/gguf` 0.4.6 reads this too, but fills a file that ends too early with zeros and goes on: SmolLM2's, cut after
 * 100 bytes, opens with 272 tensors. Files of 49 bytes keep it busy for 3 to 11 seconds, and it decodes every text of a
 * vocabulary (0.2 s for 98,052) where most callers need none. So the few rules of the format are read here.
 */
import { UnsupportedCheckpointError } from '../../errors'
import { type GgufValue, readText, readValue } from './values'
import { Window } from './window'

/** Where a tensor lies, in the file's own terms. */
export interface GgufTensor {
  readonly name: string
  /** The innermost first. */
  readonly sizes: readonly number[]
  /** The number of its type, see `types.ts`. */
  readonly type: number
  /** From `GgufMetadata.end` on. */
  readonly offset: number
}

export interface GgufMetadata {
  readonly file: string
  readonly values: ReadonlyMap<string, GgufValue>
  readonly tensors: readonly GgufTensor[]
  /** The byte at which the tensors begin: up to it, the file is all that a configuration and a tokenizer need. */
  readonly end: number
}

const MAGIC = 0x46554747 // "GGUF"
const VERSIONS = [2, 3]
/** What a key and a tensor take at least, with an empty name. */
const LEAST_KEY = 13
const LEAST_TENSOR = 24
const LONGEST_NAME = 2 ** 16
const MOST_DIMENSIONS = 4
const ALIGNMENT = 32

export async function readGgufMetadata(file: string, blob: Blob): Promise<GgufMetadata> {
  const window = new Window(file, blob)
  await window.need(24, 'the header')
  const magic = window.number('u32')
  if (magic !== MAGIC) throw window.corrupt(`it begins with ${hex(magic)}, expected ${hex(MAGIC)} ("GGUF")`)
  checkVersion(file, window.number('u32'))
  const [tensorCount, keyCount] = [window.number('u64'), window.number('u64')]
  window.expect(
    tensorCount * LEAST_TENSOR + keyCount * LEAST_KEY,
    `a list of ${keyCount} keys and ${tensorCount} tensors`,
  )

  const values = new Map<string, GgufValue>()
  for (let i = 0; i < keyCount; i++) {
    const key = await readText(window, `the name of key ${i}`, LONGEST_NAME)
    if (values.has(key)) throw window.corrupt(`it has the key "${key}" twice`)
    values.set(key, await readValue(window, `"${key}"`))
  }
  const tensors = new Map<string, GgufTensor>()
  for (let i = 0; i < tensorCount; i++) {
    const tensor = await readTensor(window, i)
    if (tensors.has(tensor.name)) throw window.corrupt(`it has the tensor "${tensor.name}" twice`)
    tensors.set(tensor.name, tensor)
  }
  const alignment = alignmentOf(values, window)
  const end = Math.ceil(window.offset / alignment) * alignment
  return { file, values, tensors: [...tensors.values()], end }
}

const hex = (number: number) => `0x${number.toString(16).padStart(8, '0')}`

function checkVersion(file: string, version: number): void {
  if (VERSIONS.includes(version)) return
  const isBigEndian = version !== 0 && (version & 0xffff) === 0
  throw new UnsupportedCheckpointError(
    isBigEndian
      ? `"${file}" is a big-endian GGUF file, expected a little-endian one. Convert the model on a little-endian machine.`
      : `"${file}" is of version ${version} of GGUF, expected one of ${VERSIONS.join(' and ')}. Convert the model again.`,
  )
}

async function readTensor(window: Window, index: number): Promise<GgufTensor> {
  const name = await readText(window, `the name of tensor ${index}`, LONGEST_NAME)
  await window.need(4, `tensor "${name}"`)
  const dimensions = window.number('u32')
  if (dimensions > MOST_DIMENSIONS)
    throw window.corrupt(`tensor "${name}" has ${dimensions} dimensions, expected at most ${MOST_DIMENSIONS}`)
  await window.need(dimensions * 8 + 12, `tensor "${name}"`)
  const sizes = Array.from({ length: dimensions }, () => window.number('u64'))
  return { name, sizes, type: window.number('u32'), offset: window.number('u64') }
}

function alignmentOf(values: ReadonlyMap<string, GgufValue>, window: Window): number {
  const alignment = values.get('general.alignment') ?? ALIGNMENT
  const isPower = typeof alignment === 'number' && alignment >= 1 && Number.isInteger(Math.log2(alignment))
  if (isPower && alignment <= LONGEST_NAME) return alignment
  throw window.corrupt(
    `"general.alignment" is ${JSON.stringify(alignment)}, expected a power of two up to ${LONGEST_NAME}`,
  )
}
