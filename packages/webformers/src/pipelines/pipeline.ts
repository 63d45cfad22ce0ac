/** @file What all pipelines share: one input, a list or a stream goes in; batches run; answers come out. */
import type { PreTrainedModel } from '../model'
import { runBatch } from './batch'
import type { Context, Preprocessing, TaskDefinition } from './task'

/** Options of every call. */
export interface CallOptions {
  /** How many rows the model sees at once; streams wait until a batch is full. Default: 1, as in Python. */
  batchSize?: number
  signal?: AbortSignal
}

type Inputs<I> = Iterable<I> | AsyncIterable<I>

const isStream = (input: unknown): input is Inputs<unknown> =>
  typeof input === 'object' && input !== null && (Symbol.iterator in input || Symbol.asyncIterator in input)

/** An input on its way: its answer is made when all its rows are back. */
interface Job<I, R, D> {
  input: I
  rows: readonly R[]
  answered: D[]
}
type Batch<I, R, D> = { job: Job<I, R, D>; row: R }[]

/** Rows in batches, whichever inputs they belong to. */
async function* batchesOf<I, R, D>(
  inputs: Inputs<I>,
  prepare: (input: I) => Promise<readonly R[]>,
  size: number,
): AsyncGenerator<Batch<I, R, D>> {
  let batch: Batch<I, R, D> = []
  for await (const input of inputs) {
    const job: Job<I, R, D> = { input, rows: await prepare(input), answered: [] }
    for (const row of job.rows) {
      batch.push({ job, row })
      if (batch.length < size) continue
      yield batch
      batch = []
    }
  }
  if (batch.length > 0) yield batch
}

/** The function behind a pipeline. */
export function answerer<I, O extends object, S, A, R, D>(
  task: TaskDefinition<I, O, S, A, R, D>,
  name: string,
  preprocessing: Preprocessing,
  model: PreTrainedModel,
  standard: O & CallOptions,
) {
  // Surgery changes the configuration.
  const contextOf = (signal?: AbortSignal): Context => ({
    ...preprocessing,
    model,
    config: model.config,
    task: name,
    signal,
  })
  const run = task.run ?? (runBatch as unknown as NonNullable<typeof task.run>)

  /** Answers in the inputs' order. `ahead`: the next batch is made while the worker computes; a stream may have none yet. */
  async function* stream(
    inputs: Inputs<I>,
    settled: S,
    { batchSize = 1, signal }: CallOptions,
    ahead: boolean,
  ): AsyncGenerator<A> {
    const context = contextOf(signal)
    const prepare = (input: I) => task.prepare(input, settled, context)
    const compute = async (batch: Batch<I, R, D>) => {
      const rows = batch.map(({ row }) => row)
      const answered = await run(rows, settled, context)
      return batch.flatMap(({ job }, i) => {
        job.answered.push(answered[i]!)
        return job.answered.length === job.rows.length ? [job] : []
      })
    }
    const answersTo = function* (jobs: readonly Job<I, R, D>[]) {
      for (const { answered, input } of jobs) yield task.answer(answered, settled, context, input)
    }
    let running: Promise<Job<I, R, D>[]> | undefined
    for await (const batch of batchesOf<I, R, D>(inputs, prepare, batchSize)) {
      const next = compute(batch)
      next.catch(() => {}) // it is awaited below, perhaps after the one before it has failed
      if (running) yield* answersTo(await running)
      running = next
      if (ahead) continue
      yield* answersTo(await running)
      running = undefined
    }
    if (running) yield* answersTo(await running)
  }

  async function answerAll(input: I | readonly I[], options: O & CallOptions): Promise<unknown> {
    const settled = await task.settle(options, contextOf(options.signal))
    const inputs =
      Array.isArray(input) && !task.isOne?.(input) ? (input as readonly I[]) : task.several?.(input)
    const answers = await collect(stream(inputs ?? [input as I], settled, options, true))
    if (!inputs) return answers[0]
    return task.together?.(answers, settled) ?? answers
  }

  async function* answerEach(inputs: Inputs<I>, options: O & CallOptions): AsyncGenerator<A> {
    yield* stream(inputs, await task.settle(options, contextOf(options.signal)), options, false)
  }

  const answer = (input: I | readonly I[] | Inputs<I>, given: Partial<O> & CallOptions = {}) => {
    const options = { ...standard, ...given }
    if (isStream(input) && !Array.isArray(input) && !task.isOne?.(input))
      return answerEach(input as Inputs<I>, options)
    return answerAll(input as I | readonly I[], options)
  }

  async function* write(input: I, given: Partial<O> & CallOptions = {}): AsyncGenerator<string, void> {
    const options = { ...standard, ...given }
    const context = contextOf(options.signal)
    yield* task.stream!(input, await task.settle(options, context), context)
  }

  return task.stream ? Object.assign(answer, { stream: write }) : answer
}

async function collect<A>(stream: AsyncIterable<A>): Promise<A[]> {
  const all: A[] = []
  for await (const each of stream) all.push(each)
  return all
}
