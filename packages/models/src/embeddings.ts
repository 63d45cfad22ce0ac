/** @file The tables of a model: what looks its inputs up, what turns its states into scores of a vocabulary, and how both follow
 * the size of the vocabulary. Found in what the model computes, so that no architecture has to tell. */
import { flatten, observe, parameters, Tensor, topologicalOrder } from '@webformers/graph'
import type { Architecture, Head } from './architecture'
import { buildModel, inputsOf } from './build'
import type { Json, PretrainedConfig } from './configuration'

/** A module that has a table. */
export interface EmbeddingModule {
  /** Its path in the module tree. */
  readonly path: string
  /** The own names of its parameters. */
  readonly weight: string
  readonly bias?: string
}

export interface EmbeddingModules {
  /** What looks up the ids of tokens, or cuts an image into patches. */
  readonly input?: EmbeddingModule
  /** What gives each token of the vocabulary a score. */
  readonly output?: EmbeddingModule
}

/**
 * The input and output embeddings of a head. Like `get_input_embeddings()` and `get_output_embeddings()` in Python.
 * @example
 * embeddingModules(bert, 'ForMaskedLM', config).output
 * // { path: 'cls.predictions.decoder', weight: 'bert.embeddings.word_embeddings.weight', bias: 'cls.predictions.bias' }
 * @throws {UnknownArchitectureError} when the architecture has no such head.
 */
export function embeddingModules(
  architecture: Architecture,
  head: Head,
  config: PretrainedConfig,
): EmbeddingModules {
  const model = buildModel(architecture, head, config)
  const inputs = inputsOf(architecture, head, config)
  const main = inputs.input_ids ?? inputs.decoder_input_ids ?? Object.values(inputs)[0]
  const names = parameters(model)
  const vocabulary = vocabularyAxes(architecture, head, config)
  const found: { input?: EmbeddingModule; output?: EmbeddingModule } = {}
  observe(
    model,
    ({ paths, result }) => {
      const { op, inputs: given } = result instanceof Tensor ? result.node : { op: '', inputs: [] }
      const { table, x, bias } = roles[op]?.(given) ?? {}
      const [weight] = (table && names.get(moved(table))) ?? []
      if (weight === undefined) return result
      const [biasName] = (bias && names.get(bias)) ?? []
      const module = { path: paths[0]!, weight, ...(biasName !== undefined && { bias: biasName }) }
      // A module may give on what one inside of it gave, which was told first.
      if (op === 'linear' && vocabulary.has(weight)) found.output ??= module
      else if (x && moved(x) === main) found.input ??= module
      return result
    },
    () => model(inputs),
  )
  return found
}

interface Roles {
  readonly table: Tensor | undefined
  readonly x: Tensor | undefined
  readonly bias?: Tensor | undefined
}

/** What the inputs of operations are that have a table. */
const roles: Readonly<Record<string, (inputs: readonly (Tensor | undefined)[]) => Roles>> = {
  embedding: ([table, x]) => ({ table, x }),
  linear: ([x, table, bias]) => ({ table, x, bias }),
}

/** The tensor whose elements these are, moved about or not. */
function moved(x: Tensor): Tensor {
  const { op, inputs } = x.node
  return op === 'Reshape' || op === 'Transpose' || op === 'Slice' ? moved(inputs[0]!) : x
}

/** The configurations inside of another's that may tell of a vocabulary. */
const PARTS = ['text_config', 'decoder'] as const

/** Under which key the configuration lies that tells how large the vocabulary is; nothing where that is the whole, or none. */
const partOf = (config: Json): (typeof PARTS)[number] | undefined =>
  config.vocab_size === undefined
    ? PARTS.find((key) => (config[key] as Json | undefined)?.vocab_size !== undefined)
    : undefined

/** How many tokens the vocabulary has, where a configuration tells, or that of what reads and writes texts inside of it. */
export function vocabularySize(config: object): number | undefined {
  const part = partOf(config as Json)
  const { vocab_size } = (part ? (config as Json)[part] : config) as { vocab_size?: unknown }
  return typeof vocab_size === 'number' ? vocab_size : undefined
}

/** The keys that another size of the vocabulary changes.
 * @example withVocabulary(clip, 100) // { text_config: { ..., vocab_size: 100 } } */
export function withVocabulary(config: object, vocab_size: number): Json {
  const part = partOf(config as Json)
  return part ? { [part]: { ...((config as Json)[part] as Json), vocab_size } } : { vocab_size }
}

/**
 * The axes along which parameters follow the size of the vocabulary, by the parameters' own names.
 * @example vocabularyAxes(bert, 'ForMaskedLM', config).get('cls.predictions.bias') // 0
 */
export function vocabularyAxes(
  architecture: Architecture,
  head: Head,
  config: PretrainedConfig,
): Map<string, number> {
  const size = vocabularySize(config)
  if (size === undefined) return new Map()
  const larger = architecture.config({ ...config, ...withVocabulary(config, size + 1) })
  const sized = [...parameters(buildModel(architecture, head, larger)).keys()]
  return new Map(
    [...parameters(buildModel(architecture, head, config))].flatMap(([{ shape }, [name]], i) => {
      const axis = shape.findIndex((size, at) => size !== sized[i]!.shape[at])
      return axis < 0 ? [] : [[name!, axis] as const]
    }),
  )
}

/**
 * The own names of all tables that a head looks something up in: tokens, positions, types.
 * @example embeddingTables(bert, 'Model', config) // ['embeddings.word_embeddings.weight', …]
 */
export function embeddingTables(architecture: Architecture, head: Head, config: PretrainedConfig): string[] {
  const model = buildModel(architecture, head, config)
  const order = topologicalOrder(Object.values(flatten(model(inputsOf(architecture, head, config)))))
  const tables = new Set(order.flatMap(({ op, inputs }) => (op === 'embedding' ? [inputs[0]] : [])))
  return [...parameters(model)].flatMap(([x, [name]]) => (tables.has(x) ? [name!] : []))
}
