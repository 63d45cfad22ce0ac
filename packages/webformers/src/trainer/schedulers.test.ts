import { expect, test } from 'vitest'
import { OptionError } from '../errors'
import { recorded } from '../testing/node'
import { type PlateauKwargs, ReduceLrOnPlateau } from './plateau'
import { type SchedulerKwargs, type StepSchedulerType, schedule, schedulerTypes } from './schedulers'

interface Case {
  name: StepSchedulerType
  warmup: number
  steps: number
  kwargs: Record<string, unknown>
  factors: number[]
}
interface Plateau {
  kwargs: Record<string, unknown>
  metrics: number[]
  rates: number[]
  state: Record<string, number>
}
const truth: { learning_rate: number; cases: Case[]; plateaus: Plateau[] } =
  await recorded('trainer/schedulers')

const camelCase = (name: string) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
const camelKeys = (kwargs: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(kwargs).map(([key, value]) => [camelCase(key), value]))

/** Farthest apart, relative to the larger. */
function apart(ours: readonly number[], theirs: readonly number[]): number {
  expect(ours).toHaveLength(theirs.length)
  return Math.max(
    ...ours.map((value, i) => Math.abs(value - theirs[i]!) / Math.max(Math.abs(theirs[i]!), 1e-12)),
  )
}

test('every schedule of Python is recorded', async () => {
  const { schedulers } = await recorded('trainer/arguments')
  expect(schedulerTypes.toSorted()).toEqual(schedulers.toSorted())
  const names = new Set([...truth.cases.map(({ name }) => name), 'reduce_lr_on_plateau'])
  expect([...names].toSorted()).toEqual(schedulers.toSorted())
})

test.each(truth.cases)(
  '$name $kwargs has the factors of Python',
  ({ name, warmup, steps, kwargs, factors }) => {
    const factor = schedule(name, {
      learningRate: truth.learning_rate,
      warmupSteps: warmup,
      trainingSteps: steps,
      kwargs: camelKeys(kwargs) as SchedulerKwargs,
    })
    expect(
      apart(
        factors.map((_, step) => factor(step)),
        factors,
      ),
    ).toBeLessThan(1e-12)
  },
)

test.each(truth.plateaus)('a plateau with $kwargs lowers the rate where torch does', (plateau) => {
  const { metrics, rates, state } = plateau
  const kwargs = camelKeys(plateau.kwargs) as PlateauKwargs
  const whole = new ReduceLrOnPlateau(truth.learning_rate, kwargs)
  const first = new ReduceLrOnPlateau(truth.learning_rate, kwargs)
  const second = new ReduceLrOnPlateau(truth.learning_rate, kwargs)
  const rateAfter = (scheduler: ReduceLrOnPlateau) => (metric: number) => {
    scheduler.step(metric)
    return scheduler.learningRate
  }
  expect(apart(metrics.map(rateAfter(whole)), rates)).toBeLessThan(1e-12)
  for (const metric of metrics.slice(0, 40)) first.step(metric)
  expect(first.state()).toMatchObject(state)
  second.restore(JSON.parse(JSON.stringify(first.state())))
  expect(apart(metrics.slice(40).map(rateAfter(second)), rates.slice(40))).toBeLessThan(1e-12)
})

test('what a schedule does not know, or lacks, is refused', () => {
  const common = { learningRate: 1e-3, warmupSteps: 0, trainingSteps: 10 }
  const make = (name: StepSchedulerType, kwargs: object) => () => schedule(name, { ...common, kwargs })
  expect(make('cosine', { num_cycles: 2 })).toThrow('Did you mean "numCycles"?')
  expect(make('linear', { power: 2 })).toThrow('It takes none')
  expect(make('cosine_with_min_lr', {})).toThrow('neither')
  expect(make('cosine_with_min_lr', { minLr: 1, minLrRate: 1 })).toThrow('both')
  expect(make('polynomial', { lrEnd: 1 })).toThrow('is not above 1')
  expect(make('warmup_stable_decay', {})).toThrow('numDecaySteps')
  expect(make('warmup_stable_decay', { numDecaySteps: 1, decayType: 'sqrt' })).toThrow('"1-sqrt"')
  expect(() => new ReduceLrOnPlateau(1, { factor: 1 })).toThrow(OptionError)
})
