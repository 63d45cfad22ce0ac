import { expect, test } from 'vitest'
import { OptionError } from '../errors'
import { recorded } from '../testing/node'
import { argumentOptions, optimizerNames } from './argument-options'
import { pythonName, TrainingArguments, type TrainingOptions } from './arguments'
import { refusedArguments } from './refused-arguments'

const truth: { fields: Record<string, unknown>; optimizers: string[] } = await recorded('trainer/arguments')

/** What Python has no argument for. */
const OURS = ['on_non_finite_loss']
/** Where an empty object or list stands for Python's None. */
const EMPTY: Record<string, unknown> = { lr_scheduler_kwargs: {}, output_dir: 'trainer_output' }

test('every argument of Python is an option or is refused, and none is forgotten', () => {
  const known = [...Object.keys(argumentOptions).map(pythonName), ...Object.keys(refusedArguments)]
  expect(known.toSorted()).toEqual([...Object.keys(truth.fields), ...OURS].toSorted())
  expect(new Set(known).size).toBe(known.length)
})

test('the defaults are those of Python', () => {
  const ours = new TrainingArguments().toDict()
  for (const name of OURS) delete ours[name]
  const theirs = Object.keys(ours).map((name) => [name, EMPTY[name] ?? truth.fields[name]])
  expect(ours).toEqual(Object.fromEntries(theirs))
})

test('optimizers have the names they have in Python', () => {
  expect(truth.optimizers).toEqual(expect.arrayContaining([...optimizerNames]))
})

test.each(Object.keys(refusedArguments))('%s is refused with the reason, in either spelling', (name) => {
  const camel = name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
  for (const spelled of [name, camel]) {
    const make = () => new TrainingArguments({ [spelled]: true } as TrainingOptions)
    expect(make).toThrow(OptionError)
    expect(make).toThrow(`${spelled} makes no sense in a tab: ${refusedArguments[name]}`)
  }
})

test.each<[object, string]>([
  [{ learning_rate: 1 }, 'Did you mean "learningRate"?'],
  [{ epochs: 2 }, 'Did you mean "numTrainEpochs"?'],
  [{ learningRate: -1 }, 'learningRate is -1, expected a number from 0 on'],
  [{ learningRate: Number.NaN }, 'learningRate is NaN'],
  [{ warmupRatio: 1.5 }, 'expected a number from 0 to 1'],
  [{ warmupSteps: 2.5 }, 'expected a whole number from 0 on'],
  [{ perDeviceTrainBatchSize: 0 }, 'expected a whole number from 1 on'],
  [{ loggingSteps: 2.5 }, 'a whole number of steps'],
  [{ loggingSteps: 0 }, 'needs loggingSteps'],
  [{ evalStrategy: 'epochs' }, 'evalStrategy is "epochs", expected one of "no", "steps", "epoch"'],
  [{ lrSchedulerType: 'step' }, '"inverse_sqrt"'],
  [{ optim: 'lion_32bit' }, '"adafactor"'],
  [{ includeForMetrics: ['logits'] }, '"inputs", "loss"'],
  [{ lrSchedulerType: 'reduce_lr_on_plateau' }, 'follows evaluations'],
  [{ saveStrategy: 'best' }, 'needs metricForBestModel'],
  [{ loadBestModelAtEnd: true }, 'Give both the same'],
  [
    { loadBestModelAtEnd: true, evalStrategy: 'steps', evalSteps: 3, saveSteps: 10 },
    'no multiple of evalSteps 3',
  ],
  [{ loadBestModelAtEnd: true, evalStrategy: 'steps', evalSteps: 0.1, saveSteps: 10 }, 'no multiple'],
])('%o is refused', (given, message) => {
  const make = () => new TrainingArguments(given as TrainingOptions)
  expect(make).toThrow(OptionError)
  expect(make).toThrow(message)
})

test('what is left out follows from the rest, as in Python', () => {
  const best = { loadBestModelAtEnd: true, evalStrategy: 'steps', evalSteps: 0.1, saveSteps: 0.3 } as const
  expect(new TrainingArguments(best)).toMatchObject({ metricForBestModel: 'loss', greaterIsBetter: false })
  expect(new TrainingArguments({ metricForBestModel: 'f1' })).toMatchObject({ greaterIsBetter: true })
  expect(new TrainingArguments({ evalStrategy: 'steps', loggingSteps: 7 }).evalSteps).toBe(7)
  expect(new TrainingArguments({ warmupRatio: 0.1 }).getWarmupSteps(101)).toBe(11)
  expect(new TrainingArguments({ warmupRatio: 0.1, warmupSteps: 3 }).getWarmupSteps(101)).toBe(3)
})
