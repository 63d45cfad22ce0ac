/** @file How far a training has come: what `trainer_state.json` holds. */
import type { TrainingArguments } from './arguments'

/** What was logged at one step, by Python's names. */
export type LogEntry = Readonly<Record<string, number>>

/** What a callback needs to go on where it was. */
export interface CallbackState {
  readonly args: Readonly<Record<string, unknown>>
  readonly attributes: Readonly<Record<string, unknown>>
}

/** How far a training has come. Like `TrainerState` in Python, by the keys that its file has. */
export interface TrainerState {
  /** Epochs done, the part of the one that runs included; `null` before the first training. */
  epoch: number | null
  /** Steps done. */
  global_step: number
  /** Steps to do. */
  max_steps: number
  logging_steps: number
  eval_steps: number
  save_steps: number
  train_batch_size: number | null
  num_train_epochs: number
  num_input_tokens_seen: number
  log_history: LogEntry[]
  best_metric: number | null
  best_global_step: number | null
  /** Where the best checkpoint is: `indexeddb://<outputDir>/checkpoint-500`. */
  best_model_checkpoint: string | null
  stateful_callbacks: Record<string, CallbackState | CallbackState[]>
}

export const initialState = (): TrainerState => ({
  epoch: null,
  global_step: 0,
  max_steps: 0,
  logging_steps: 500,
  eval_steps: 500,
  save_steps: 500,
  train_batch_size: null,
  num_train_epochs: 0,
  num_input_tokens_seen: 0,
  log_history: [],
  best_metric: null,
  best_global_step: null,
  best_model_checkpoint: null,
  stateful_callbacks: {},
})

/** Steps between logs, evaluations and checkpoints, where they were given as a part of all steps. */
export function computeSteps(state: TrainerState, args: TrainingArguments, maxSteps: number): void {
  const steps = (given: number) => (given < 1 ? Math.ceil(maxSteps * given) : given)
  state.logging_steps = steps(args.loggingSteps)
  state.save_steps = steps(args.saveSteps)
  if (args.evalSteps !== undefined) state.eval_steps = steps(args.evalSteps)
}
