/** @file The learning rates of a training as it goes on, and what a resumed one goes on from. */
import type { TrainingArguments } from './arguments'
import { type PlateauState, ReduceLrOnPlateau } from './plateau'
import { type Schedule, schedule } from './schedulers'

/** What `scheduler.json` holds. */
export interface SchedulerState {
  readonly last_epoch: number
  readonly plateau?: PlateauState
}

export class LearningRates {
  #step = 0

  private constructor(
    private readonly initial: readonly number[],
    private readonly schedule: Schedule | ReduceLrOnPlateau,
  ) {}

  /** As the arguments say, or as a schedule of the user's own does.
   * @param initial one for each group of parameters
   * @throws {OptionError} when the schedule lacks something, or does not know it */
  static create(
    args: TrainingArguments,
    initial: readonly number[],
    trainingSteps: number,
    given?: Schedule,
  ): LearningRates {
    const { lrSchedulerType: name, lrSchedulerKwargs: kwargs } = args
    const learningRate = initial[0]!
    if (given) return new LearningRates(initial, given)
    if (name === 'reduce_lr_on_plateau')
      return new LearningRates(initial, new ReduceLrOnPlateau(learningRate, kwargs))
    const warmupSteps = args.getWarmupSteps(trainingSteps)
    return new LearningRates(initial, schedule(name, { learningRate, warmupSteps, trainingSteps, kwargs }))
  }

  /** Those of the step that comes, one for each group. */
  get rates(): number[] {
    const { schedule, initial } = this
    if (typeof schedule === 'function') return initial.map((rate) => rate * schedule(this.#step))
    const [first] = initial
    // The first group's is torch's to the last bit; the others fall as it does.
    return initial.map((rate) =>
      rate === first ? schedule.learningRate : (rate / first!) * schedule.learningRate,
    )
  }

  get followsMetric(): boolean {
    return this.schedule instanceof ReduceLrOnPlateau
  }

  /** The weights have changed. */
  step(): void {
    if (!this.followsMetric) this.#step++
  }

  /** An evaluation has found this. */
  metric(value: number): void {
    if (this.schedule instanceof ReduceLrOnPlateau) this.schedule.step(value)
  }

  state(): SchedulerState {
    const { schedule } = this
    if (schedule instanceof ReduceLrOnPlateau) return { last_epoch: 0, plateau: schedule.state() }
    return { last_epoch: this.#step }
  }

  restore({ last_epoch, plateau }: SchedulerState): void {
    this.#step = last_epoch
    if (plateau && this.schedule instanceof ReduceLrOnPlateau) this.schedule.restore(plateau)
  }
}
