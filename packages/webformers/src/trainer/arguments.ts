/** @file TrainingArguments: how a Trainer trains. */
import { OptionError } from '../errors'
import { type ArgumentValues, argumentOptions } from './argument-options'
import { nearest } from './nearest'
import type { OptionSpec } from './option-specs'
import { refusedArguments } from './refused-arguments'

export type TrainingOptions = Partial<ArgumentValues>

/** @returns Python's spelling of an option. */
export const pythonName = (name: string) =>
  name.replace(/[A-Z0-9]/g, (c, at) => (/\d/.test(c) ? c : `${at ? '_' : ''}${c.toLowerCase()}`))

/** An object that has the values as its own properties. */
const Values = class {
  constructor(values: ArgumentValues) {
    Object.assign(this, values)
  }
} as new (
  values: ArgumentValues,
) => ArgumentValues

/**
 * How a Trainer trains: Python's arguments with Python's defaults, as far as they make sense in a tab.
 * Like `TrainingArguments` in Python.
 * @example
 * const args = new TrainingArguments({
 *   outputDir: 'spam', numTrainEpochs: 2, perDeviceTrainBatchSize: 16, learningRate: 3e-5, warmupRatio: 0.1,
 *   evalStrategy: 'epoch', saveStrategy: 'epoch', loadBestModelAtEnd: true, metricForBestModel: 'accuracy',
 * })
 * args.weightDecay // 0
 * args.greaterIsBetter // true
 * new TrainingArguments({ deepspeed: {} }) // OptionError: deepspeed makes no sense in a tab: there is one device, …
 * @throws {OptionError} when an option is unknown, makes no sense in a tab or has a value that makes none
 */
export class TrainingArguments extends Values {
  constructor(given: TrainingOptions = {}) {
    super(completed(checked(given)))
    checkTogether(this)
  }

  /** Steps in which the learning rate grows, of `trainingSteps`. Like `get_warmup_steps`. */
  getWarmupSteps(trainingSteps: number): number {
    return this.warmupSteps > 0 ? this.warmupSteps : Math.ceil(trainingSteps * this.warmupRatio)
  }

  /** By Python's names. Like `to_dict`. */
  toDict(): Record<string, unknown> {
    return Object.fromEntries(Object.entries(this).map(([name, value]) => [pythonName(name), value ?? null]))
  }
}

function checked(given: TrainingOptions): ArgumentValues {
  for (const name of Object.keys(given)) if (!Object.hasOwn(argumentOptions, name)) throw refusal(name)
  const values = Object.entries<OptionSpec<unknown>>(argumentOptions).map(([name, option]) => {
    const value = given[name as keyof TrainingOptions]
    return [name, value === undefined ? option.default : option.check(name, value)]
  })
  return Object.fromEntries(values) as ArgumentValues
}

function refusal(name: string): OptionError {
  const plain = (other: string) => other.replaceAll('_', '').toLowerCase()
  const refused = Object.keys(refusedArguments).find((python) => plain(python) === plain(name))
  if (refused) return new OptionError(`${name} makes no sense in a tab: ${refusedArguments[refused]}.`)
  const meant = nearest(name, Object.keys(argumentOptions))
  return new OptionError(`TrainingArguments has no "${name}". Did you mean "${meant}"?`)
}

/** What follows from other options where it is left out. */
function completed(values: ArgumentValues): ArgumentValues {
  const wantsMetric = values.loadBestModelAtEnd || values.lrSchedulerType === 'reduce_lr_on_plateau'
  const { metricForBestModel = wantsMetric ? 'loss' : undefined } = values
  const {
    greaterIsBetter = metricForBestModel === undefined ? undefined : !metricForBestModel.endsWith('loss'),
  } = values
  const evalSteps =
    values.evalStrategy === 'steps' ? values.evalSteps || values.loggingSteps : values.evalSteps
  return { ...values, metricForBestModel, greaterIsBetter, evalSteps }
}

/** @throws {OptionError} when options contradict each other */
function checkTogether(args: TrainingArguments): void {
  const { evalStrategy, saveStrategy, evalSteps = 0, saveSteps, loggingSteps } = args
  if (evalStrategy === 'steps' && evalSteps === 0)
    throw new OptionError('evalStrategy "steps" needs evalSteps or loggingSteps above 0.')
  if (args.loggingStrategy === 'steps' && loggingSteps === 0)
    throw new OptionError('loggingStrategy "steps" needs loggingSteps above 0.')
  if (args.lrSchedulerType === 'reduce_lr_on_plateau' && evalStrategy === 'no')
    throw new OptionError(
      'lrSchedulerType "reduce_lr_on_plateau" follows evaluations, but evalStrategy is "no". Expected "steps" or "epoch".',
    )
  if (saveStrategy === 'best' && args.metricForBestModel === undefined)
    throw new OptionError('saveStrategy "best" needs metricForBestModel.')
  if (args.loadBestModelAtEnd && saveStrategy !== 'best')
    checkBestIsSaved(evalStrategy, saveStrategy, evalSteps, saveSteps)
}

/** What was evaluated as the best must have been saved. */
function checkBestIsSaved(evaluating: string, saving: string, evalSteps: number, saveSteps: number): void {
  if (evaluating !== saving)
    throw new OptionError(
      `loadBestModelAtEnd needs an evaluation at each checkpoint, but evalStrategy is "${evaluating}" and saveStrategy "${saving}". Give both the same.`,
    )
  if (evaluating !== 'steps') return
  const mixed = evalSteps < 1 !== saveSteps < 1
  // Parts of all steps are compared as millionths, which are whole.
  const unit = saveSteps < 1 ? 1_000_000 : 1
  if (mixed || (saveSteps * unit) % (evalSteps * unit) !== 0)
    throw new OptionError(
      `loadBestModelAtEnd needs an evaluation at each checkpoint, but saveSteps ${saveSteps} is no multiple of evalSteps ${evalSteps}.`,
    )
}
