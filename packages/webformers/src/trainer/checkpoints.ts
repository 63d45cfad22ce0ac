/** @file What a checkpoint holds beside the model's files, so that a training goes on as if it had never stopped. */
import {
  openCheckpoint,
  type SavedTensor,
  type SaveFilesOptions,
  type SaveTarget,
  saveFiles,
  staleFiles,
  writeSafetensors,
} from '@webformers/hub'
import type { TrainingState } from '@webformers/runtime'
import type { GeneratorState, LoaderPosition } from '../data'
import type { TrainingArguments } from './arguments'
import { CheckpointError } from './errors'
import type { SchedulerState } from './learning-rate'
import type { RunningLossState } from './running-loss'
import type { TrainerState } from './state'

const STATE = 'trainer_state.json'
const ARGUMENTS = 'training_args.json'
const OPTIMIZER = 'optimizer.safetensors'
const SCHEDULER = 'scheduler.json'
const SCALER = 'scaler.json'
const RANDOM = 'rng_state.json'
const PROGRESS = 'progress.json'

/** Where a training stands in its data. */
export interface DataPosition extends LoaderPosition {
  readonly epoch: number
}

/** What is kept to go on from. */
export interface Resumption {
  readonly moments: readonly SavedTensor[]
  readonly steps: number
  readonly lossScale: TrainingState['lossScale']
  readonly scheduler: SchedulerState
  readonly position: DataPosition
  readonly loss: RunningLossState
}

const json = (value: unknown) => new Blob([`${JSON.stringify(value, null, 2)}\n`])

/** What of a training is kept beside the model, as files. */
export function stateFiles(state: TrainerState, args: TrainingArguments): Record<string, Blob> {
  return { [STATE]: json(state), [ARGUMENTS]: json(args.toDict()) }
}

/** Save a model with the arguments that it was trained with. @returns the paths of the files */
export function saveTrained(
  target: SaveTarget,
  model: Files,
  args: TrainingArguments,
  options: SaveFilesOptions,
): Promise<string[]> {
  const files = { ...model, [ARGUMENTS]: json(args.toDict()) }
  return saveFiles(target, files, options, (present) => staleFiles(present, files))
}

export function resumptionFiles({
  moments,
  steps,
  lossScale,
  scheduler,
  position,
  loss,
}: Resumption): Record<string, Blob> {
  const { generator, ...place } = position
  const random = generator && { words: [...generator.words], position: generator.position }
  return {
    [OPTIMIZER]: writeSafetensors(moments),
    [SCHEDULER]: json({ ...scheduler, optimizer_steps: steps }),
    [SCALER]: json(lossScale),
    [RANDOM]: json({ generator: random ?? null }),
    [PROGRESS]: json({ ...place, loss }),
  }
}

type Files = Readonly<Record<string, Blob>>

/** @throws {CheckpointError} when the file is not there or says nothing */
async function read<T>(files: Files, name: string): Promise<T> {
  const file = files[name]
  if (!file)
    throw new CheckpointError(
      `The checkpoint has no ${name}, so that no training can go on from it; it has ${Object.keys(files).join(', ')}. ` +
        'Was it saved with saveOnlyModel? Then load the model from it and begin anew.',
    )
  try {
    return JSON.parse(await file.text())
  } catch (cause) {
    throw new CheckpointError(`${name} of the checkpoint is no JSON.`, { cause })
  }
}

export const readState = (files: Files): Promise<TrainerState> => read<TrainerState>(files, STATE)

export async function readResumption(files: Files): Promise<Resumption> {
  const { optimizer_steps, ...scheduler } = await read<SchedulerState & { optimizer_steps: number }>(
    files,
    SCHEDULER,
  )
  const { generator } = await read<{ generator: { words: number[]; position: number } | null }>(files, RANDOM)
  const { loss, ...place } = await read<DataPosition & { loss: RunningLossState }>(files, PROGRESS)
  return {
    moments: await readTensors(files[OPTIMIZER] ?? writeSafetensors([])),
    steps: optimizer_steps,
    lossScale: await read(files, SCALER),
    scheduler,
    loss,
    position: { ...place, ...(generator && { generator: revive(generator) }) },
  }
}

const revive = ({ words, position }: { words: number[]; position: number }): GeneratorState => ({
  words: Uint32Array.from(words),
  position,
})

async function readTensors(file: Blob): Promise<SavedTensor[]> {
  const { entries } = await openCheckpoint({ [OPTIMIZER]: file })
  return Array.from(entries.values(), ({ name, dtype, shape, blob, offset, length }) => ({
    name,
    dtype,
    shape,
    bytes: blob.slice(offset, offset + length),
  }))
}
