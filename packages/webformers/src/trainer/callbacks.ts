/** @file What can be done at each event of a training: callbacks, and the switches that they turn. */
import type { TrainingArguments } from './arguments'
import type { CallbackState, LogEntry, TrainerState } from './state'

/** The switches of the training's flow. Like `TrainerControl` in Python. */
export class TrainerControl {
  /** End the training. */
  shouldTrainingStop = false
  /** Go on with the next epoch. */
  shouldEpochStop = false
  /** Save a checkpoint after this step. */
  shouldSave = false
  /** Evaluate after this step. */
  shouldEvaluate = false
  /** Log after this step. */
  shouldLog = false

  state(): CallbackState {
    return {
      args: {
        should_training_stop: this.shouldTrainingStop,
        should_epoch_stop: this.shouldEpochStop,
        should_save: this.shouldSave,
        should_evaluate: this.shouldEvaluate,
        should_log: this.shouldLog,
      },
      attributes: {},
    }
  }

  restore({ args }: CallbackState): void {
    this.shouldTrainingStop = args.should_training_stop === true
    this.shouldEpochStop = args.should_epoch_stop === true
    this.shouldSave = args.should_save === true
    this.shouldEvaluate = args.should_evaluate === true
    this.shouldLog = args.should_log === true
  }
}

/** What else an event comes with. */
export interface CallbackContext {
  /** The model that is trained. */
  readonly model: unknown
  readonly processingClass: unknown
  /** With onEvaluate and onPredict: what was measured. */
  readonly metrics?: LogEntry
  /** With onLog: what is logged. */
  readonly logs?: LogEntry
  /** With onPredictionStep: how many batches there are, where that is known. */
  readonly batches?: number
}

type Hook = (
  args: TrainingArguments,
  state: TrainerState,
  control: TrainerControl,
  context: CallbackContext,
) => void | Promise<void>

/**
 * What to do at the events of a training; each is optional and may be async, the training waits for it.
 * Like `TrainerCallback` in Python; where that returns another control, this one turns switches of the one it got.
 * @example
 * const stopWhenGood: TrainerCallback = {
 *   onLog: (args, state, control, { logs }) => { if (logs.loss < 0.01) control.shouldTrainingStop = true },
 * }
 */
export interface TrainerCallback {
  /** The name under which a checkpoint keeps its state. */
  readonly name?: string
  /** The Trainer was made. */
  onInitEnd?: Hook
  onTrainBegin?: Hook
  onTrainEnd?: Hook
  onEpochBegin?: Hook
  onEpochEnd?: Hook
  /** Before the first batch of a step. */
  onStepBegin?: Hook
  /** After a batch whose gradients wait for others. */
  onSubstepEnd?: Hook
  /** Before the weights change; gradients are clipped as they do. */
  onPreOptimizerStep?: Hook
  /** After the weights have changed. */
  onOptimizerStep?: Hook
  onStepEnd?: Hook
  onEvaluate?: Hook
  onPredict?: Hook
  onSave?: Hook
  onLog?: Hook
  /** After a batch of evaluation or prediction. */
  onPredictionStep?: Hook
  /** What a checkpoint keeps of it; with `restore`. Like `ExportableState`. */
  state?(): CallbackState
  restore?(state: CallbackState): void
}
export type TrainerEvent = Exclude<keyof TrainerCallback, 'name' | 'state' | 'restore'>

/** All callbacks of a Trainer, called in their order. Like `CallbackHandler` in Python. */
export class CallbackHandler {
  readonly callbacks: TrainerCallback[]

  constructor(
    callbacks: readonly TrainerCallback[],
    private readonly context: CallbackContext,
  ) {
    this.callbacks = [...callbacks]
  }

  async call(
    event: TrainerEvent,
    args: TrainingArguments,
    state: TrainerState,
    control: TrainerControl,
    more: Partial<CallbackContext> = {},
  ): Promise<void> {
    reset(event, control)
    for (const callback of this.callbacks)
      await callback[event]?.(args, state, control, { ...this.context, ...more })
  }

  /** What a checkpoint keeps, by the callbacks' names; of several with one name, in their order. */
  states(control: TrainerControl): TrainerState['stateful_callbacks'] {
    const states: TrainerState['stateful_callbacks'] = {}
    for (const callback of this.callbacks) {
      const state = callback.state?.()
      if (!state || callback.name === undefined) continue
      const before = states[callback.name]
      states[callback.name] = before ? [before, state].flat() : state
    }
    return { ...states, TrainerControl: control.state() }
  }

  restore(states: TrainerState['stateful_callbacks'], control: TrainerControl): void {
    const left = new Map(Object.entries(states).map(([name, state]) => [name, [state].flat()]))
    for (const callback of this.callbacks) {
      const state = callback.name === undefined ? undefined : left.get(callback.name)?.shift()
      if (state) callback.restore?.(state)
    }
    const switches = left.get('TrainerControl')?.[0]
    if (switches) control.restore(switches)
  }
}

/** What an event itself is the answer to is asked for no more. */
function reset(event: TrainerEvent, control: TrainerControl): void {
  if (event === 'onTrainBegin') control.shouldTrainingStop = false
  if (event === 'onEpochBegin') control.shouldEpochStop = false
  if (event === 'onStepBegin' || event === 'onLog') control.shouldLog = false
  if (event === 'onStepBegin' || event === 'onEvaluate') control.shouldEvaluate = false
  if (event === 'onStepBegin' || event === 'onSave') control.shouldSave = false
}
