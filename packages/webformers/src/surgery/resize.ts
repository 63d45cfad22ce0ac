/** @file A vocabulary of another size: everything that has a row for each token gets new rows, or loses its last ones. */
import { input, parameter, program, toFloat16 } from '@webformers/graph'
import type { SavedTensor } from '@webformers/hub'
import { type ModelParameter, vocabularyAxes, vocabularySize, withVocabulary } from '@webformers/models'
import { initialEntry, type PlainTensors, toBFloat16 } from '@webformers/runtime'
import { OptionError } from '../errors'
import type { Programs } from '../programs'
import { storedTensors, tensorsOf } from './model-parameters'
import { reconfigured } from './reconfigured'
import { readValue } from './values'

export interface ResizeOptions {
  /** Round the size up to a multiple of this. */
  padToMultipleOf?: number
  /** Whether new rows lie about the mean of the old ones, so that they change the scores of these least; or are drawn as those
   * of a new model are. Default: `true`. */
  meanResizing?: boolean
}

/** @throws {OptionError} when the size makes no sense, or the model has no vocabulary */
export async function resizeTokenEmbeddings(
  model: Programs,
  count: number | undefined,
  { padToMultipleOf, meanResizing = true }: ResizeOptions,
): Promise<void> {
  const { configured, head } = model
  const { architecture, config } = configured
  const old = vocabularySize(config) ?? Number.NaN
  const size = sizeFor(count ?? old, padToMultipleOf)
  if (size === old) return
  const axes = vocabularyAxes(architecture, head, config)
  const sized = tensorsOf(model).filter(({ paths }) => axes.has(paths[0]!))
  if (sized.length === 0)
    throw new OptionError(`model_type "${config.model_type}" has no vocabulary to resize.`)
  // A buffer [1, tokens] lies in memory as [tokens] does.
  const turned = sized.find(({ paths, shape }) =>
    shape.slice(0, axes.get(paths[0]!)).some((dim) => dim !== 1),
  )
  if (turned)
    throw new OptionError(
      `"${turned.paths[0]}" [${turned.shape.join(', ')}] has no row for each token, so it can't be resized. ` +
        'Write the architecture with the vocabulary along the first axis, as linear() has it.',
    )
  const after = reconfigured(configured, withVocabulary(config, size))
  const tied = sized.filter(({ shape, buffer }) => shape.length > 1 && !buffer).length < 2
  const stored = await storedTensors(
    model,
    sized.map(({ paths }) => paths[0]!),
  )
  const changed: SavedTensor[] = []
  for (const tensor of stored) {
    const found = sized.find(({ paths }) => paths[0] === tensor.name)!
    const shape = tensor.shape.with(axes.get(tensor.name)!, size)
    const rows = size > old ? await newRows(model, found, size - old, meanResizing, tied) : undefined
    changed.push(rows ? extended(tensor, rows, shape) : shortened(tensor, shape))
  }
  await model.change(changed, after)
}

function sizeFor(count: number, multiple: number | undefined): number {
  const positive = (value: number) => Number.isInteger(value) && value > 0
  if (!positive(count))
    throw new OptionError(`A vocabulary of ${count} tokens makes no sense; expected 1 or more.`)
  if (multiple === undefined) return count
  if (!positive(multiple))
    throw new OptionError(`padToMultipleOf is ${multiple}, expected a whole number from 1.`)
  return Math.ceil(count / multiple) * multiple
}

const sizeOf = (shape: readonly number[]) => shape.reduce((product, dim) => product * dim, 1)

function shortened({ name, dtype, shape: old, bytes }: SavedTensor, shape: readonly number[]): SavedTensor {
  const length = bytes instanceof Blob ? bytes.size : bytes.length
  return { name, dtype, shape: [...shape], bytes: bytes.slice(0, (length / sizeOf(old)) * sizeOf(shape)) }
}

function extended(
  { name, dtype, bytes }: SavedTensor,
  rows: Float32Array<ArrayBuffer>,
  shape: readonly number[],
): SavedTensor {
  return { name, dtype, shape: [...shape], bytes: new Blob([bytes, encoded(rows, dtype)]) }
}

function encoded(
  values: Float32Array<ArrayBuffer>,
  dtype: SavedTensor['dtype'],
): ArrayBufferView<ArrayBuffer> {
  if (dtype === 'F16') return toFloat16(values)
  if (dtype === 'BF16') return toBFloat16(values)
  return dtype === 'F64' ? Float64Array.from(values) : values
}

/** How much of the old rows' covariance new ones have. */
const COVARIANCE = 1e-9

/** Rows to add. A bias of output embeddings that are tied is lengthened with zeros, as in Python. */
async function newRows(
  model: Programs,
  { paths, shape, buffer }: ModelParameter,
  count: number,
  meanResizing: boolean,
  tied: boolean,
): Promise<Float32Array<ArrayBuffer>> {
  if (buffer) return new Float32Array(count)
  const [name, old, width] = [paths[0]!, shape[0]!, shape[1]]
  if (width === undefined) {
    const { data } = tied || !meanResizing ? { data: [0] } : await readValue(model, name)
    const mean = Array.from(data, Number).reduce((sum, x) => sum + x, 0) / data.length
    return new Float32Array(count).fill(mean)
  }
  const { deviation, seed } = model.policy
  const draw = (rows: number, columns: number, from: number, scale: number) => {
    const { decode } = initialEntry(`${name} ${old + from}`, [rows, columns], { deviation: scale, seed })
    return new Float32Array(decode!(new Uint8Array()).buffer)
  }
  return meanResizing
    ? aroundTheMean(model, name, [old, width], count, draw)
    : draw(count, width, 0, deviation)
}

/** Of a table with no more rows than columns the covariance is not positive definite: then Python takes the mean itself. */
async function aroundTheMean(
  model: Programs,
  name: string,
  [old, width]: readonly [number, number],
  count: number,
  draw: (rows: number, columns: number, from: number, scale: number) => Float32Array,
): Promise<Float32Array<ArrayBuffer>> {
  const { client, files, policy, target } = model
  const table = parameter(old, width)
  const draws = input(['rows', old])
  const drawn = old > width
  // z · (X - mean) / √n has the covariance of the rows of X where z is normal. Draws that add up to nothing need no mean.
  const mean = table.mean([0], { keepdims: true })
  const rows = drawn ? draws.matmul(table).add(mean) : mean
  const { sources } = policy.parameters.find((each) => each.sources[0] === name)!
  const numbers = { ...target, weights: 'float32', compute: 'float32' } as const
  const made = program({ rows }, { draws }, new Map([[table, sources]]), numbers)
  using loaded = await client.load(made, files, { policy })
  const run = async (inputs: PlainTensors) => (await loaded.run(inputs)).rows!.data as Float32Array
  const values = new Float32Array(count * width)
  if (!drawn) {
    const one = await run({})
    for (let i = 0; i < count; i++) values.set(one, i * width)
    return values
  }
  const atOnce = Math.max(1, Math.floor(DRAWN_AT_ONCE / old))
  for (let from = 0; from < count; from += atOnce) {
    const part = Math.min(atOnce, count - from)
    const data = centred(draw(part, old, from, Math.sqrt(COVARIANCE / old)), old)
    values.set(await run({ draws: { dtype: 'float32', shape: [part, old], data } }), from * width)
  }
  return values
}

/** The page stays responsive while so many numbers are drawn. */
const DRAWN_AT_ONCE = 2 ** 19

/** Each row less its mean. */
function centred(values: Float32Array, columns: number): Float32Array<ArrayBuffer> {
  const made = new Float32Array(values)
  for (let start = 0; start < made.length; start += columns) {
    const row = made.subarray(start, start + columns)
    const mean = row.reduce((sum, x) => sum + x, 0) / columns
    for (let i = 0; i < columns; i++) row[i]! -= mean
  }
  return made
}
