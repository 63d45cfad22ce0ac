/** @file A loss scaled as far up as gradients in half precision bear it. Like `torch.amp.GradScaler`. */
import type { LossScaleState, LossScaling } from './program'

export class LossScale {
  #state: LossScaleState

  /** Without settings the loss stays as it is. */
  constructor(readonly settings: LossScaling | undefined) {
    this.#state = { scale: settings?.initial ?? 1, unchanged: 0 }
  }

  get state(): LossScaleState {
    return this.#state
  }
  set state(state: LossScaleState) {
    this.#state = state
  }

  /** After an update: less where gradients were infinite, more where they were not for long. */
  adapt(infinite: boolean) {
    if (!this.settings) return
    const { growthFactor, backoffFactor, growthInterval } = this.settings
    const { scale, unchanged } = this.#state
    if (infinite) this.#state = { scale: scale * backoffFactor, unchanged: 0 }
    else if (unchanged + 1 < growthInterval) this.#state = { scale, unchanged: unchanged + 1 }
    else this.#state = { scale: scale * growthFactor, unchanged: 0 }
  }
}
