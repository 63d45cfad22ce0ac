/** @file The benchmark: the speed of memory, then of a model that reads and writes, in rounds. */
import {
  type Device,
  isCached,
  type Precision,
  type PreTrainedModel,
  type Progress,
  pipeline,
} from 'webformers'
import { cpuBandwidth } from './cpu-bandwidth'
import { threads } from './devices'
import { gpuBandwidth } from './gpu-bandwidth'
import type { Result, Writing } from './result'
import { bytesPerToken, ceiling, type Held, shareOf } from './roofline'
import { speeds, spread, type Timed } from './statistics'
import { COUNT, cacheShapeOf, lengthsFor, positionsOf, promptOf, weightsOf } from './workload'

/** What is measured. */
export interface Setup {
  readonly repository: string
  readonly ggufFile?: string
  readonly endpoint: string
  readonly device: Device
  readonly dtype: Precision
  /** What it runs on, for the result. */
  readonly processor: string
}

export interface Watch {
  readonly signal: AbortSignal
  onLoad(progress: Progress): void
  /** @param share of all that is to be done, where that is known */
  onStep(words: string, share?: number): void
}

/** Of the model. */
const ROUNDS = 3
/** Of the memory. */
const READINGS = 5
/** Past tokens of the first run, which compiles and counts for nothing. */
const WARM = 16

/**
 * Measure one model. It is loaded anew and disposed of, whatever comes.
 * @throws {DOMException} when the signal is aborted, and what loading and generating throw
 */
export async function measure(setup: Setup, watch: Watch): Promise<Result> {
  const { repository, device, dtype, processor, endpoint, ggufFile } = setup
  const { signal, onLoad } = watch
  watch.onStep('Reading memory')
  const readings =
    device === 'webgpu' ? gpuBandwidth(READINGS, signal) : cpuBandwidth(threads(), READINGS, signal)
  const bandwidth = spread(await readings)
  watch.onStep('Getting the model')
  const localFilesOnly = await isCached(repository, ggufFile, { endpoint }) // no network is asked for what is here
  const { model } = await pipeline('text-generation', repository, {
    ...{ device, dtype, endpoint, ggufFile, signal, onProgress: onLoad },
    threads: threads(),
    fromOnnx: false,
    localFilesOnly,
  })
  try {
    const { reading, writing } = await timesOf(model, watch)
    // Original weights have no other; the GPU may have none of half precision.
    const held: Held = { device: model.device, dtype: model.dtype as Precision }
    const weights = weightsOf(model)
    const cache = cacheShapeOf(model)
    const reached = writing.map(({ past, rounds }): Writing => {
      const speed = spread(speeds(rounds, COUNT))
      const bytes = bytesPerToken(weights, cache, past, held)
      return {
        past,
        tokensPerSecond: speed,
        bytesPerToken: bytes,
        ceiling: ceiling(bandwidth.high, bytes),
        share: shareOf(speed.median, bandwidth.high, bytes),
      }
    })
    return {
      model: repository,
      ...held,
      processor,
      bandwidth,
      reading: { tokens: reading.tokens, milliseconds: spread(reading.rounds) },
      writing: reached,
      rounds: ROUNDS,
      browser: navigator.userAgent,
      date: new Date().toISOString(),
    }
  } finally {
    await model.dispose()
  }
}

interface Times {
  readonly reading: { readonly tokens: number; readonly rounds: number[] }
  readonly writing: readonly { readonly past: number; readonly rounds: Timed[] }[]
}

async function timesOf(model: PreTrainedModel, { signal, onStep }: Watch): Promise<Times> {
  const { read, past } = lengthsFor(positionsOf(model))
  const vocabulary = model.getInputEmbeddings().weight.shape[0]!
  const all = ROUNDS * (1 + past.length) + 1
  let [done, prompts] = [0, 0]

  /** Milliseconds in which so many tokens are written after a prompt that nobody has read. */
  const timeOf = async (length: number, count: number) => {
    const ids = promptOf(length, prompts++, vocabulary)
    const start = performance.now()
    const written = await model.generate(
      { input_ids: [ids], attention_mask: [ids.map(() => 1)] },
      // whatever the model's own configuration says: the likeliest token each time, to the last
      { maxNewTokens: count, doSample: false, numBeams: 1, repetitionPenalty: 1, eosTokenId: [], signal },
    )
    const time = performance.now() - start
    const found = written.shape[1]! - length
    if (found !== count) throw new Error(`The model wrote ${found} tokens where ${count} were asked for.`)
    return time
  }
  const write = async (around: number): Promise<Timed> => {
    const length = around - COUNT / 2
    return { first: await timeOf(length, 1), all: await timeOf(length, 1 + COUNT) }
  }

  onStep('Warming up', 0)
  await write(WARM + COUNT / 2)
  const reading = { tokens: read, rounds: [] as number[] }
  const writing = past.map((length) => ({ past: length, rounds: [] as Timed[] }))
  for (let round = 1; round <= ROUNDS; round++) {
    const step = (words: string) => onStep(`Round ${round} of ${ROUNDS}: ${words}`, ++done / all)
    for (const at of writing) {
      step(`writing at ${at.past} past tokens`)
      at.rounds.push(await write(at.past))
    }
    step(`reading ${read} tokens`)
    reading.rounds.push(await timeOf(read, 1))
  }
  return { reading, writing }
}
