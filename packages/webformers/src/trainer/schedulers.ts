/** @file Learning-rate schedules: the factor by which the initial learning rate is multiplied at each step, as Python's. */
import { OptionError } from '../errors'
import { nearest } from './nearest'

/** What `lrSchedulerKwargs` may hold, each schedule its own. */
export interface SchedulerKwargs {
  numCycles?: number
  lrEnd?: number
  power?: number
  minLr?: number
  minLrRate?: number
  warmupLrRate?: number
  numDecaySteps?: number
  numStableSteps?: number
  warmupType?: 'linear' | 'cosine' | '1-sqrt'
  decayType?: 'linear' | 'cosine' | '1-sqrt'
  minLrRatio?: number
}

export interface ScheduleOptions {
  readonly learningRate: number
  readonly warmupSteps: number
  readonly trainingSteps: number
  readonly kwargs?: SchedulerKwargs
}

/** The factor at a step; the first one is step 0. */
export type Schedule = (step: number) => number

interface Kind {
  readonly kwargs: readonly (keyof SchedulerKwargs)[]
  readonly make: (options: Required<ScheduleOptions>) => Schedule
}

/** Up from 0 in equal steps, then as `after` tells for the part of the remaining steps that is done. */
function warmedUp(
  { warmupSteps, trainingSteps }: Required<ScheduleOptions>,
  after: (progress: number, step: number) => number,
): Schedule {
  return (step) => {
    if (step < warmupSteps) return step / Math.max(1, warmupSteps)
    return after((step - warmupSteps) / Math.max(1, trainingSteps - warmupSteps), step)
  }
}

const wave = (cycles: number, progress: number) => 0.5 * (1 + Math.cos(Math.PI * cycles * 2 * progress))

function lowestRate({ learningRate, kwargs }: Required<ScheduleOptions>): number {
  const { minLr, minLrRate } = kwargs
  if ((minLr === undefined) === (minLrRate === undefined))
    throw new OptionError(
      `A cosine schedule with a lowest learning rate takes either minLr or minLrRate in lrSchedulerKwargs, but ${minLr === undefined ? 'neither' : 'both'} came.`,
    )
  return minLrRate ?? minLr! / learningRate
}

/** How far a stage of the warm-up–stable–decay schedule has come, by its kind. */
const rising = {
  linear: (progress: number) => progress,
  cosine: (progress: number) => 0.5 * (1 - Math.cos(Math.PI * progress)),
  '1-sqrt': (progress: number) => 1 - Math.sqrt(1 - progress),
}
const falling = {
  linear: (progress: number) => 1 - progress,
  cosine: (progress: number, cycles: number) => wave(cycles, progress),
  '1-sqrt': (progress: number) => 1 - Math.sqrt(progress),
}

function warmupStableDecay({ warmupSteps, trainingSteps, kwargs }: Required<ScheduleOptions>): Schedule {
  const {
    numDecaySteps,
    warmupType = 'linear',
    decayType = 'cosine',
    minLrRatio = 0,
    numCycles = 0.5,
  } = kwargs
  if (numDecaySteps === undefined)
    throw new OptionError('The schedule "warmup_stable_decay" needs numDecaySteps in lrSchedulerKwargs.')
  const { numStableSteps = trainingSteps - warmupSteps - numDecaySteps } = kwargs
  const up = named(rising, warmupType, 'warmupType')
  const down = named(falling, decayType, 'decayType')
  const above = (factor: number) => Math.max(0, factor * (1 - minLrRatio) + minLrRatio)
  return (step) => {
    if (step < warmupSteps) return above(up(step / Math.max(1, warmupSteps)))
    if (step < warmupSteps + numStableSteps) return 1
    if (step >= warmupSteps + numStableSteps + numDecaySteps) return minLrRatio
    return above(down((step - warmupSteps - numStableSteps) / Math.max(1, numDecaySteps), numCycles))
  }
}

function named<T>(table: Readonly<Record<string, T>>, name: string, option: string): T {
  if (Object.hasOwn(table, name)) return table[name]!
  const known = Object.keys(table).map((kind) => `"${kind}"`)
  throw new OptionError(`${option} "${name}" is unknown. Known: ${known.join(', ')}.`)
}

const kinds = {
  linear: {
    kwargs: [],
    make: (options) =>
      warmedUp(options, (_, step) => {
        const { warmupSteps, trainingSteps } = options
        return Math.max(0, (trainingSteps - step) / Math.max(1, trainingSteps - warmupSteps))
      }),
  },
  cosine: {
    kwargs: ['numCycles'],
    make: (options) => {
      const { numCycles = 0.5 } = options.kwargs
      return warmedUp(options, (progress) => Math.max(0, wave(numCycles, progress)))
    },
  },
  cosine_with_restarts: {
    kwargs: ['numCycles'],
    make: (options) => {
      const { numCycles = 1 } = options.kwargs
      return warmedUp(options, (progress) =>
        progress >= 1 ? 0 : Math.max(0, wave(0.5, (numCycles * progress) % 1)),
      )
    },
  },
  polynomial: {
    kwargs: ['lrEnd', 'power'],
    make: (options) => {
      const { learningRate, warmupSteps, trainingSteps } = options
      const { lrEnd = 1e-7, power = 1 } = options.kwargs
      if (!(learningRate > lrEnd))
        throw new OptionError(
          `The schedule "polynomial" falls from learningRate to lrEnd, but ${learningRate} is not above ${lrEnd}.`,
        )
      return warmedUp(options, (_, step) => {
        if (step > trainingSteps) return lrEnd / learningRate
        const remaining = 1 - (step - warmupSteps) / (trainingSteps - warmupSteps)
        return ((learningRate - lrEnd) * remaining ** power + lrEnd) / learningRate
      })
    },
  },
  constant: { kwargs: [], make: () => () => 1 },
  constant_with_warmup: { kwargs: [], make: (options) => warmedUp(options, () => 1) },
  inverse_sqrt: {
    kwargs: [],
    make: (options) => {
      const timescale = options.warmupSteps || 10_000
      const shift = timescale - options.warmupSteps
      return warmedUp(options, (_, step) => 1 / Math.sqrt((step + shift) / timescale))
    },
  },
  cosine_with_min_lr: {
    kwargs: ['numCycles', 'minLr', 'minLrRate'],
    make: (options) => {
      const { numCycles = 0.5 } = options.kwargs
      const lowest = lowestRate(options)
      return warmedUp(options, (progress) => Math.max(0, wave(numCycles, progress) * (1 - lowest) + lowest))
    },
  },
  cosine_warmup_with_min_lr: {
    kwargs: ['numCycles', 'minLr', 'minLrRate', 'warmupLrRate'],
    make: (options) => {
      const { warmupSteps, trainingSteps, kwargs } = options
      const { numCycles = 0.5, warmupLrRate } = kwargs
      const lowest = lowestRate(options)
      // Each step counts as done when it begins, so that the first one already has a learning rate.
      return (step) => {
        if (step < warmupSteps) {
          if (warmupLrRate === undefined) return (step + 1) / Math.max(1, warmupSteps)
          return warmupLrRate + ((1 - warmupLrRate) * step) / Math.max(1, warmupSteps - 1)
        }
        const progress = (step - warmupSteps + 1) / Math.max(1, trainingSteps - warmupSteps)
        return Math.max(0, wave(numCycles, progress) * (1 - lowest) + lowest)
      }
    },
  },
  warmup_stable_decay: {
    kwargs: ['numDecaySteps', 'numStableSteps', 'warmupType', 'decayType', 'minLrRatio', 'numCycles'],
    make: warmupStableDecay,
  },
} satisfies Record<string, Kind>

/** The schedules that follow the steps; `reduce_lr_on_plateau` follows a metric instead. */
export type StepSchedulerType = keyof typeof kinds
export type SchedulerType = StepSchedulerType | 'reduce_lr_on_plateau'
export const schedulerTypes = [...Object.keys(kinds), 'reduce_lr_on_plateau'] as SchedulerType[]

/** A schedule by its name. Like `get_scheduler` in Python.
 * @example
 * const factor = schedule('linear', { learningRate: 5e-5, warmupSteps: 10, trainingSteps: 100 })
 * factor(5) // 0.5
 * factor(55) // 0.5
 * @throws {OptionError} when `kwargs` holds what the schedule does not know, or lacks what it needs
 */
export function schedule(name: StepSchedulerType, options: ScheduleOptions): Schedule {
  const kind: Kind = kinds[name]
  checkKwargs(name, options.kwargs ?? {}, kind.kwargs)
  return kind.make({ kwargs: {}, ...options })
}

/** @throws {OptionError} naming the nearest one that the schedule knows. */
export function checkKwargs(name: SchedulerType, kwargs: object, known: readonly string[]): void {
  const odd = Object.keys(kwargs).find((key) => !known.includes(key))
  if (odd === undefined) return
  const meant = nearest(odd, known)
  throw new OptionError(
    `The schedule "${name}" has no "${odd}" in lrSchedulerKwargs. ` +
      (meant === undefined ? 'It takes none.' : `Did you mean "${meant}"? It takes: ${known.join(', ')}.`),
  )
}
