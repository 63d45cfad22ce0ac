/** @file The loss as logs tell it: the mean since the last one, and that of the whole training. */

/** What a checkpoint keeps of it. */
export interface RunningLossState {
  readonly sum: number
  readonly before: number
  readonly logged: number
}

export class RunningLoss {
  /** Since the last log. */
  #sum = 0
  #before = 0
  /** The step of the last log. */
  #logged = 0

  add(loss: number): void {
    this.#sum += loss
  }

  /** A loss that is no number counts as the mean of those since the last log. */
  addMean(step: number): void {
    this.#sum += this.#sum / (1 + step - this.#logged)
  }

  /** Whether there was a step since the last log. */
  hasNews(step: number): boolean {
    return step > this.#logged
  }

  /** The mean of a step since the last log, which this one is now. */
  take(step: number): number {
    const mean = this.#sum / (step - this.#logged)
    this.#before += this.#sum
    this.#sum = 0
    this.#logged = step
    return mean
  }

  /** The mean of all steps. */
  total(steps: number): number {
    return (this.#before + this.#sum) / Math.max(steps, 0.001)
  }

  state(): RunningLossState {
    return { sum: this.#sum, before: this.#before, logged: this.#logged }
  }

  restore({ sum, before, logged }: RunningLossState): void {
    this.#sum = sum
    this.#before = before
    this.#logged = logged
  }
}
