/** @file What all pipelines share: one input, a list or a stream goes in; batches run; answers come out. */
import type { PreTrainedTokenizer } from '@webformers/tokenizers'
import type { PreTrainedModel } from '../model'
import { runBatch } from './batch'
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

/** The function behind a pipeline. */
export function answerer<I, O extends object, A>(
  task: TaskDefinition<I, O, A>,
  tokenizer: PreTrainedTokenizer,
  model: PreTrainedModel,
  standard: O & CallOptions,
) {
  const context: Context = { tokenizer, config: model.config }

  /** Answers in the inputs' order. `ahead`: the next batch is made while the worker computes; a stream may have none yet. */
  async function* stream(inputs: Inputs<I>, options: O & CallOptions, ahead: boolean): AsyncGenerator<A> {
    const { batchSize = 1, signal } = options
    let unfinished: { input: I; rows: number; answered: Answered[] }[] = []
    const finish = function* (rows: readonly Answered[]) {
      for (const row of rows) {
        const [first] = unfinished
        first!.answered.push(row)
        if (first!.answered.length < first!.rows) continue
        unfinished = unfinished.slice(1)
        yield task.answer(first!.answered, options, context, first!.input)
      }
    }
    const batches = (async function* () {
      let batch: Answered['row'][] = []
      for await (const input of inputs) {
        signal?.throwIfAborted()
        const rows = task.prepare(input, options, context)
        unfinished.push({ input, rows: rows.length, answered: [] })
        for (const row of rows) {
          batch.push(row)
          if (batch.length < batchSize) continue
          yield batch
          batch = []
        }
      }
      if (batch.length > 0) yield batch
    })()
    let running: Promise<Answered[]> | undefined
    for await (const batch of batches) {
      const next = runBatch(batch, model, tokenizer, signal)
      next.catch(() => {}) // it is awaited below, perhaps after the one before it has failed
      if (running) yield* finish(await running)
      running = next
      if (ahead) continue
      yield* finish(await running)
      running = undefined
    }
    if (running) yield* finish(await running)
  }

  async function answer(input: I | readonly I[], options: O & CallOptions): Promise<unknown> {
    const inputs = Array.isArray(input) ? (input as readonly I[]) : task.several?.(input)
    const answers = await collect(stream(inputs ?? [input as I], options, true))
    if (!inputs) return answers[0]
    return task.together?.(answers, options) ?? answers
  }

  return (input: I | readonly I[] | Inputs<I>, given: Partial<O> & CallOptions = {}) => {
    const options = { ...standard, ...given }
    if (isStream(input) && !Array.isArray(input)) return stream(input as Inputs<I>, options, false)
    return answer(input as I | readonly I[], options)
  }
}

async function collect<A>(stream: AsyncIterable<A>): Promise<A[]> {
  const all: A[] = []
  for await (const each of stream) all.push(each)
  return all
}
