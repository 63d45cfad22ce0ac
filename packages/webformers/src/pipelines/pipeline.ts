/** @file What all pipelines share: one input, a list or a stream goes in; batches run; answers come out. */
import type { PreTrainedTokenizer } from '@webformers/tokenizers'
import type { PreTrainedModel } from '../model'
import { runBatch } from './batch'
import type { Row } from './encode'
import type { Answered, Context, TaskDefinition } from './task'

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
interface Job<I> {
  input: I
  rows: readonly Row[]
  answered: Answered[]
}
type Batch<I> = { job: Job<I>; row: Row }[]

/** Rows in batches, whichever inputs they belong to. */
async function* batchesOf<I>(
  inputs: Inputs<I>,
  prepare: (input: I) => Promise<readonly Row[]>,
  size: number,
): AsyncGenerator<Batch<I>> {
  let batch: Batch<I> = []
  for await (const input of inputs) {
    const job: Job<I> = { input, rows: await prepare(input), answered: [] }
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
export function answerer<I, O extends object, S, A>(
  task: TaskDefinition<I, O, S, A>,
  tokenizer: PreTrainedTokenizer,
  model: PreTrainedModel,
  standard: O & CallOptions,
) {
  const context: Context = { tokenizer, config: model.config }

  /** Answers in the inputs' order. `ahead`: the next batch is made while the worker computes; a stream may have none yet. */
  async function* stream(
    inputs: Inputs<I>,
    settled: S,
    { batchSize = 1, signal }: CallOptions,
    ahead: boolean,
  ): AsyncGenerator<A> {
    const prepare = (input: I) => task.prepare(input, settled, { ...context, signal })
    const compute = async (batch: Batch<I>) => {
      const rows = batch.map(({ row }) => row)
      const answered = await runBatch(rows, model, tokenizer, signal)
      return batch.flatMap(({ job }, i) => {
        job.answered.push(answered[i]!)
        return job.answered.length === job.rows.length ? [job] : []
      })
    }
    const answersTo = function* (jobs: readonly Job<I>[]) {
      for (const { answered, input } of jobs) yield task.answer(answered, settled, context, input)
    }
    let running: Promise<Job<I>[]> | undefined
    for await (const batch of batchesOf(inputs, prepare, batchSize)) {
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
    const settled = task.settle(options, context)
    const inputs = Array.isArray(input) ? (input as readonly I[]) : task.several?.(input)
    const answers = await collect(stream(inputs ?? [input as I], settled, options, true))
    if (!inputs) return answers[0]
    return task.together?.(answers, settled) ?? answers
  }

  async function* answerEach(inputs: Inputs<I>, options: O & CallOptions): AsyncGenerator<A> {
    yield* stream(inputs, task.settle(options, context), options, false)
  }

  return (input: I | readonly I[] | Inputs<I>, given: Partial<O> & CallOptions = {}) => {
    const options = { ...standard, ...given }
    if (isStream(input) && !Array.isArray(input)) return answerEach(input as Inputs<I>, options)
    return answerAll(input as I | readonly I[], options)
  }
}

async function collect<A>(stream: AsyncIterable<A>): Promise<A[]> {
  const all: A[] = []
  for await (const each of stream) all.push(each)
  return all
}
