/** @file The schedule that lowers the learning rate when a metric gets no better, as torch's `ReduceLROnPlateau`. */
import { OptionError } from '../errors'
import { checkKwargs } from './schedulers'

export interface PlateauKwargs {
  mode?: 'min' | 'max'
  factor?: number
  /** Evaluations without improvement that are let pass. */
  patience?: number
  /** How much better counts as better. */
  threshold?: number
  thresholdMode?: 'rel' | 'abs'
  /** Evaluations after a reduction that count for nothing. */
  cooldown?: number
  minLr?: number
  /** A reduction by no more than this is not made. */
  eps?: number
}

const defaults: Required<PlateauKwargs> = {
  mode: 'min',
  factor: 0.1,
  patience: 10,
  threshold: 1e-4,
  thresholdMode: 'rel',
  cooldown: 0,
  minLr: 0,
  eps: 1e-8,
}

/** What a resumed training goes on from; keys as in torch's `state_dict`. */
export interface PlateauState {
  /** `null` before the first metric. */
  best: number | null
  num_bad_epochs: number
  cooldown_counter: number
  last_epoch: number
  learning_rate: number
}

/** @throws {OptionError} when an option is unknown or makes no sense */
export class ReduceLrOnPlateau {
  readonly #options: Required<PlateauKwargs>
  #state: PlateauState

  constructor(learningRate: number, kwargs: PlateauKwargs = {}) {
    checkKwargs('reduce_lr_on_plateau', kwargs, Object.keys(defaults))
    this.#options = { ...defaults, ...kwargs }
    const { factor, mode, thresholdMode } = this.#options
    if (factor >= 1) throw new OptionError(`factor is ${factor}, but the learning rate only falls below 1.`)
    if (mode !== 'min' && mode !== 'max') throw new OptionError(`mode "${mode}" is neither "min" nor "max".`)
    if (thresholdMode !== 'rel' && thresholdMode !== 'abs')
      throw new OptionError(`thresholdMode "${thresholdMode}" is neither "rel" nor "abs".`)
    this.#state = {
      best: null,
      num_bad_epochs: 0,
      cooldown_counter: 0,
      last_epoch: 0,
      learning_rate: learningRate,
    }
  }

  get learningRate(): number {
    return this.#state.learning_rate
  }

  /** What an evaluation has found. */
  step(metric: number): void {
    const { patience, cooldown, factor, minLr, eps } = this.#options
    const state = this.#state
    state.last_epoch++
    if (this.#isBetter(metric)) {
      state.best = metric
      state.num_bad_epochs = 0
    } else {
      state.num_bad_epochs++
    }
    if (state.cooldown_counter > 0) {
      state.cooldown_counter--
      state.num_bad_epochs = 0
    }
    if (state.num_bad_epochs <= patience) return
    const lower = Math.max(state.learning_rate * factor, minLr)
    if (state.learning_rate - lower > eps) state.learning_rate = lower
    state.cooldown_counter = cooldown
    state.num_bad_epochs = 0
  }

  #isBetter(metric: number): boolean {
    const { mode, threshold, thresholdMode } = this.#options
    const { best } = this.#state
    if (best === null) return !Number.isNaN(metric)
    const sign = mode === 'min' ? -1 : 1
    const bound = thresholdMode === 'rel' ? best * (1 + sign * threshold) : best + sign * threshold
    return mode === 'min' ? metric < bound : metric > bound
  }

  state(): PlateauState {
    return { ...this.#state }
  }

  restore(state: PlateauState): void {
    this.#state = { ...state }
  }
}
