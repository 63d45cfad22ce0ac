/** @file How long a training will still take. */

/** 75 → '1 min 15 s' */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`
}

export class Pace {
  #start = 0
  #steps = 0

  begin(steps: number): void {
    this.#start = performance.now()
    this.#steps = steps
  }

  /** The time left, in words, from the mean of all steps so far. */
  after(done: number): string {
    const seconds = (performance.now() - this.#start) / 1000
    return `About ${duration(((this.#steps - done) * seconds) / done)} left.`
  }
}
