/** @file The parameters of a model: their names and shapes at once, their values when they are asked for. */
import { embeddingTables, type ModelParameter, UnknownPathError } from '@webformers/models'
import type { Programs } from '../programs'
import type { Tensor } from '../tensor'
import { findParameter, parametersOf } from './model-parameters'

/** What a parameter asks its model. */
interface ModelOfParameter {
  trains(name: string): boolean
  read(name: string): Promise<Tensor<'float32'>>
}

/** A parameter of a model. Like `torch.nn.Parameter` in Python, except that its values stay where they are. */
export class Parameter {
  readonly #model: ModelOfParameter
  /** Its own name. */
  readonly name: string
  /** Its own name, and those of the places it is tied to. */
  readonly names: readonly string[]
  readonly shape: readonly number[]

  constructor(model: ModelOfParameter, { paths, shape }: Pick<ModelParameter, 'paths' | 'shape'>) {
    this.#model = model
    this.name = paths[0]!
    this.names = paths
    this.shape = shape
  }

  /** How many numbers it holds. Like `numel()` in Python. */
  get size(): number {
    return this.shape.reduce((product, dim) => product * dim, 1)
  }

  /** Whether training changes it. Like `requires_grad` in Python. */
  get requiresGrad(): boolean {
    return this.#model.trains(this.name)
  }

  /** Its values, read now. Like `parameter.data` in Python. */
  async value(): Promise<Tensor<'float32'>> {
    return this.#model.read(this.name)
  }
}

export const parameterOf = (model: Programs, parameter: ModelParameter): Parameter =>
  new Parameter(
    {
      trains: (name) => model.trains(name),
      read: async (name) => (await import('./values')).readValue(model, name),
    },
    parameter,
  )

export interface CountOptions {
  /** Count only what training changes. */
  onlyTrainable?: boolean
  /** Leave out the tables that ids, positions and types are looked up in. */
  excludeEmbeddings?: boolean
}

export function countParameters(
  model: Programs,
  { onlyTrainable = false, excludeEmbeddings = false }: CountOptions = {},
): number {
  const { architecture, config } = model.configured
  const tables = excludeEmbeddings ? embeddingTables(architecture, model.head, config) : []
  const own = parametersOf(model).map(({ paths, shape }) => ({ name: paths[0]!, shape }))
  return [...own, ...(model.adapters?.added ?? [])]
    .filter(({ name }) => !tables.includes(name) && (model.trains(name) || !onlyTrainable))
    .reduce((sum, { shape }) => sum + shape.reduce((product, dim) => product * dim, 1), 0)
}

/** Which parameters: all of a path, all whose names an expression fits, or those of a list. */
export type Selection = string | RegExp | readonly string[]

/**
 * Let training change parameters, or leave them as they are.
 * @throws {UnknownPathError} when there are none of that name
 */
export function setRequiresGrad(model: Programs, value: boolean, which: Selection | undefined): void {
  const all = parametersOf(model)
  const chosen = new Set(which === undefined ? all.map(({ paths }) => paths[0]!) : select(model, all, which))
  model.trained = all.flatMap(({ paths: [name] }) =>
    (chosen.has(name!) ? value : model.trains(name!)) ? [name!] : [],
  )
}

function select(model: Programs, all: readonly ModelParameter[], which: Selection): string[] {
  if (Array.isArray(which)) return which.flatMap((one) => select(model, all, one))
  const fits =
    which instanceof RegExp
      ? (path: string) => path.search(which) >= 0
      : (path: string) => path === which || path.startsWith(`${String(which)}.`)
  const found = all.filter(({ paths, sources }) => paths.some(fits) || sources.some(fits))
  if (found.length === 0 && typeof which === 'string') findParameter(model, which)
  if (found.length === 0) throw new UnknownPathError(`No name of a parameter fits ${String(which)}.`)
  return found.map(({ paths }) => paths[0]!)
}
