/** @file Which optimizer trains which parameters, and with what learning rates. */
import type { Adafactor, AdamW, Optimizer, SGD } from '@webformers/runtime'
import { OptionError } from '../errors'
import type { TrainingArguments } from './arguments'
import { decays } from './decay'
import { nearest } from './nearest'
import type { TrainableParameter } from './trainable'

/** Parameters that are trained in one way. */
export interface OptimizerGroup {
  /** Their names, as `model.namedParameters()` has them. */
  readonly parameters: readonly string[]
  /** Default: the optimizer's. */
  readonly weightDecay?: number
  /** Default: the optimizer's. */
  readonly learningRate?: number
}

type Settings<O> = Partial<Omit<O, 'kind' | 'groups'>> & {
  /** Default: that of the arguments. */
  readonly learningRate?: number
  /** Default: that of the arguments. */
  readonly weightDecay?: number
  /** Default: those that decay, and those that do not. */
  readonly groups?: readonly OptimizerGroup[]
}

/** An optimizer of one's own settings, as `new Trainer({ optimizers })` takes it.
 * @example
 * new Trainer({ …, optimizers: [{ kind: 'sgd', momentum: 0.9, nesterov: true }] })
 */
export type OptimizerOptions =
  | ({ readonly kind: 'adamw' } & Settings<AdamW>)
  | ({ readonly kind: 'sgd' } & Settings<SGD>)
  | ({ readonly kind: 'adafactor' } & Settings<Adafactor>)

export interface ChosenOptimizer {
  readonly optimizer: Optimizer
  /** The initial learning rate of each group. */
  readonly learningRates: readonly number[]
}

/** The optimizer that the arguments name, or the one that was given.
 * @throws {OptionError} when no parameter is trained, or a group names one that is not */
export function chooseOptimizer(
  args: TrainingArguments,
  parameters: readonly TrainableParameter[],
  given: OptimizerOptions = named(args),
): ChosenOptimizer {
  const { learningRate = args.learningRate, weightDecay = args.weightDecay, groups: grouped, ...rest } = given
  const trained = parameters.filter(({ trainable }) => trainable)
  if (trained.length === 0)
    throw new OptionError('Every parameter of the model is frozen: there is nothing to train.')
  const chosen = grouped ?? standardGroups(trained)
  checkNames(chosen, trained)
  const used = chosen.filter(({ parameters }) => parameters.length > 0)
  const groups = used.map((group) => ({
    parameters: group.parameters,
    weightDecay: group.weightDecay ?? weightDecay,
  }))
  const optimizer = { ...defaults(rest.kind, args), ...rest, groups } as Optimizer
  return { optimizer, learningRates: used.map((group) => group.learningRate ?? learningRate) }
}

function named({ optim }: TrainingArguments): OptimizerOptions {
  if (optim === 'sgd') return { kind: 'sgd' }
  return optim === 'adafactor' ? { kind: 'adafactor' } : { kind: 'adamw' }
}

const standardGroups = (trained: readonly TrainableParameter[]): OptimizerGroup[] => [
  { parameters: trained.filter(decays).map(({ name }) => name) },
  { parameters: trained.filter((parameter) => !decays(parameter)).map(({ name }) => name), weightDecay: 0 },
]

function defaults(kind: Optimizer['kind'], args: TrainingArguments): Omit<Optimizer, 'groups'> {
  const all: { [K in Optimizer['kind']]: Omit<Extract<Optimizer, { kind: K }>, 'groups'> } = {
    adamw: { kind: 'adamw', betas: [args.adamBeta1, args.adamBeta2], eps: args.adamEpsilon },
    sgd: { kind: 'sgd', momentum: 0, nesterov: false },
    adafactor: {
      kind: 'adafactor',
      eps: [1e-30, 1e-3],
      clipThreshold: 1,
      decayRate: -0.8,
      scaleParameter: false,
      relativeStep: false,
      warmupInit: false,
    },
  }
  if (Object.hasOwn(all, kind)) return all[kind]
  throw new OptionError(`There is no optimizer of kind "${kind}". There are: ${Object.keys(all).join(', ')}.`)
}

function checkNames(groups: readonly OptimizerGroup[], trained: readonly TrainableParameter[]): void {
  const left = new Set(trained.map(({ name }) => name))
  for (const name of groups.flatMap(({ parameters }) => parameters)) {
    if (left.delete(name)) continue
    const known = trained.map((parameter) => parameter.name)
    throw new OptionError(
      known.includes(name)
        ? `"${name}" stands in the optimizer's groups twice.`
        : `The optimizer's groups name "${name}", which is no parameter that is trained. The nearest one is "${nearest(name, known)}".`,
    )
  }
  const [forgotten] = left
  if (forgotten !== undefined)
    throw new OptionError(
      `"${forgotten}" is trained, but in none of the optimizer's groups; so are ${left.size - 1} others. Freeze what shall stay as it is.`,
    )
}
