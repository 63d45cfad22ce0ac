/** @file What a new adapter begins with. */
import type { SavedTensor } from '@webformers/hub'
import { hash, type PlainTensor, randomOf } from '@webformers/runtime'
import { AutoTokenizer } from '@webformers/tokenizers'
import type { AdapterJson } from './config'
import { AdapterError } from './errors'
import type { AdapterWeights } from './files'
import { numbersOf } from './files'
import type { AdapterParameter, AdapterPlan } from './plan'

type ReadText = (repository: string, text: string) => Promise<readonly number[]>

/** The ids of a text, special tokens included, as the tokenizer of a repository reads it. */
export const readText: ReadText = async (repository, text) =>
  (await AutoTokenizer.fromPretrained(repository))(text).input_ids

/** New numbers of what an adapter adds to a model, the same for the same seed. Like `reset_lora_parameters` of PEFT. */
export function newLora({ config, parameters }: AdapterPlan, seed: number): AdapterWeights {
  const init = config.init_lora_weights
  const added = parameters.filter(({ whole }) => !whole)
  return new Map(
    added.map((parameter) => {
      const random = randomOf(hash(parameter.name) ^ seed)
      const values = parameter.key.endsWith('.lora_A.weight')
        ? init === 'gaussian'
          ? normal(parameter, random, 1 / parameter.shape[0]!)
          : uniform(parameter, random)
        : init === false
          ? uniform(parameter, random)
          : filled(parameter, () => 0)
      return [parameter.name, values]
    }),
  )
}

const filled = ({ shape }: AdapterParameter, value: () => number): PlainTensor<'float32'> => {
  const length = shape.reduce((product, dim) => product * dim, 1)
  return { dtype: 'float32', shape, data: Float32Array.from({ length }, value) }
}

/** As a linear layer of torch begins: kaiming_uniform with a = √5. */
const uniform = (parameter: AdapterParameter, random: () => number) => {
  const bound = 1 / Math.sqrt(parameter.shape[1]!)
  return filled(parameter, () => bound * (2 * random() - 1))
}

const normal = (parameter: AdapterParameter, random: () => number, deviation: number) =>
  filled(
    parameter,
    () => deviation * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()),
  )

/**
 * New virtual tokens: random, or rows of the table of words.
 * @param table reads it from the checkpoint
 */
export async function newPrompt(
  { config, parameters }: AdapterPlan,
  seed: number,
  table: () => Promise<SavedTensor>,
  read: ReadText,
): Promise<AdapterWeights> {
  const [parameter] = parameters as [AdapterParameter]
  const random = randomOf(hash(parameter.name) ^ seed)
  if (config.prompt_tuning_init === 'RANDOM') return new Map([[parameter.name, normal(parameter, random, 1)]])
  const words = await table()
  const [rows] = parameter.shape as [number]
  const ids =
    config.prompt_tuning_init === 'TEXT'
      ? repeated(await textIds(config, read), rows)
      : Array.from({ length: rows }, () => Math.floor(random() * words.shape[0]!))
  return new Map([[parameter.name, await rowsOf(words, ids)]])
}

async function textIds(
  { prompt_tuning_init_text: text, tokenizer_name_or_path: tokenizer }: AdapterJson,
  read: ReadText,
): Promise<readonly number[]> {
  if (typeof text !== 'string' || typeof tokenizer !== 'string') {
    throw new AdapterError(
      `promptTuningInit 'TEXT' needs promptTuningInitText and tokenizerNameOrPath, got ${JSON.stringify(text)} and ${JSON.stringify(tokenizer)}.`,
    )
  }
  const ids = await read(tokenizer, text)
  if (ids.length > 0) return ids
  throw new AdapterError(`promptTuningInitText ${JSON.stringify(text)} has no tokens.`)
}

const repeated = (ids: readonly number[], count: number) =>
  Array.from({ length: count }, (_, i) => ids[i % ids.length]!)

/** Only these rows of a table are read. */
async function rowsOf(table: SavedTensor, ids: readonly number[]): Promise<PlainTensor<'float32'>> {
  const { bytes, dtype, shape } = table
  const blob = bytes instanceof Blob ? bytes : new Blob([bytes])
  const [count, size] = shape as [number, number]
  const width = blob.size / count
  const rows = ids.map((id) => blob.slice(id * width, (id + 1) * width))
  return numbersOf({ name: table.name, dtype, shape: [ids.length, size], bytes: new Blob(rows) })
}
