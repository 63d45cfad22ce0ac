/** @file How fast a model listens, in words. */
import { clock } from './captions'

export class Pace {
  #heard = 0
  #took = 0

  /** @param seconds of sound, for which the model took some milliseconds */
  add(seconds: number, took: number): void {
    this.#heard += seconds
    this.#took += took / 1000
  }

  /** `3.1 times as fast as it was spoken`; nothing before the first passage. */
  inWords(): string {
    if (this.#took === 0) return ''
    const factor = this.#heard / this.#took
    return `${factor.toFixed(factor < 10 ? 1 : 0)} times as fast as it was spoken`
  }

  /** `1:30 of sound in 29 s: 3.1 times as fast as it was spoken` */
  summary(): string {
    if (this.#took === 0) return ''
    const took = this.#took < 10 ? this.#took.toFixed(1) : Math.round(this.#took)
    return `${clock(this.#heard)} of sound in ${took} s: ${this.inWords()}`
  }
}
