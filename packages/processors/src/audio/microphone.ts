/** @file The microphone: asked for, and listened to in pieces. */
import { AudioError, MicrophoneError, type MicrophoneFailure } from './errors'
import { Resampler } from './resample'

/** See `openMicrophone` in lazy.ts. */
export async function openMicrophone(constraints: MediaTrackConstraints = {}): Promise<MediaStream> {
  const devices = globalThis.navigator?.mediaDevices
  if (!devices) {
    throw new MicrophoneError(
      'This page has no microphone: browsers give it to pages served over HTTPS, or from localhost, alone.',
      'insecure',
    )
  }
  try {
    return await devices.getUserMedia({ audio: { channelCount: 1, ...constraints } })
  } catch (cause) {
    const { reason, message } = failures[(cause as DOMException).name] ?? OTHER
    throw new MicrophoneError(`${message} (${(cause as Error).message}).`, reason, { cause })
  }
}

interface Failure {
  readonly reason: MicrophoneFailure
  readonly message: string
}
const REFUSED: Failure = {
  reason: 'refused',
  message: "The microphone was refused. The user can allow it in the browser's settings of this site",
}
const NONE: Failure = { reason: 'none', message: 'There is no such microphone' }
const OTHER: Failure = { reason: 'failed', message: 'The microphone could not be opened' }
const failures: Readonly<Record<string, Failure>> = {
  NotAllowedError: REFUSED,
  SecurityError: REFUSED,
  NotFoundError: NONE,
  OverconstrainedError: NONE,
  NotReadableError: { reason: 'busy', message: 'Something else uses the microphone' },
}

export interface MicrophoneOptions {
  /** Samples a second. Default: 16000. */
  samplingRate?: number
  /** Seconds in each piece. Default: 0.25. */
  chunkLengthS?: number
  /** Ends the listening with its reason; to end it without one, stop the stream's tracks or leave the loop. */
  signal?: AbortSignal
}

/** See `microphoneChunks` in lazy.ts. */
export async function* microphoneChunks(
  stream: MediaStream,
  { samplingRate = 16000, chunkLengthS = 0.25, signal }: MicrophoneOptions = {},
): AsyncGenerator<Float32Array, void> {
  signal?.throwIfAborted()
  if (stream.getAudioTracks().length === 0)
    throw new AudioError('The stream has no sound. Ask for it: getUserMedia({ audio: true }).')
  const context = new AudioContext()
  try {
    const blocks = await blocksOf(stream, context, signal)
    const resampler = new Resampler(context.sampleRate, samplingRate)
    const pieces = new Pieces(Math.max(1, Math.round(chunkLengthS * samplingRate)))
    for await (const block of blocks) yield* pieces.add(resampler.push(block))
    yield* pieces.add(resampler.end())
    yield* pieces.rest()
  } finally {
    await context.close()
  }
}

/** Runs where sound is made: it mixes the channels, and tells of a few thousand samples at a time. */
const PROCESSOR = `registerProcessor('webformers-listen', class extends AudioWorkletProcessor {
  block = new Float32Array(2048)
  filled = 0
  process([channels]) {
    const size = channels[0]?.length ?? 128
    for (let i = 0; i < size; i++) {
      let sum = 0
      for (const channel of channels) sum += channel[i]
      this.block[this.filled++] = channels.length ? sum / channels.length : 0
      if (this.filled < this.block.length) continue
      this.port.postMessage(this.block, [this.block.buffer])
      this.block = new Float32Array(2048)
      this.filled = 0
    }
    return true
  }
})`

/** Longer than this no browser takes to start, unless it waits for a click. In milliseconds. */
const START = 2000

async function blocksOf(
  stream: MediaStream,
  context: AudioContext,
  signal: AbortSignal | undefined,
): Promise<AsyncIterable<Float32Array>> {
  await Promise.race([context.resume(), new Promise((resolve) => setTimeout(resolve, START))])
  signal?.throwIfAborted()
  if (context.state !== 'running')
    throw new AudioError('The page may not listen yet: browsers want a click of the user first.')
  const address = URL.createObjectURL(new Blob([PROCESSOR], { type: 'text/javascript' }))
  try {
    await context.audioWorklet.addModule(address)
  } catch (cause) {
    throw new AudioError(
      "The page's Content-Security-Policy forbids what listens: allow blob: in script-src and worker-src.",
      { cause },
    )
  } finally {
    URL.revokeObjectURL(address)
  }
  const node = new AudioWorkletNode(context, 'webformers-listen', { numberOfOutputs: 0 })
  context.createMediaStreamSource(stream).connect(node)
  return heard(node.port, stream, signal)
}

async function* heard(
  port: MessagePort,
  stream: MediaStream,
  signal: AbortSignal | undefined,
): AsyncGenerator<Float32Array, void> {
  const waiting: Float32Array[] = []
  let wake = () => {}
  port.onmessage = ({ data }: MessageEvent<Float32Array>) => {
    waiting.push(data)
    wake()
  }
  // Tracks that the page itself stops tell nobody; the messages go on.
  const over = () => stream.getAudioTracks().every(({ readyState }) => readyState === 'ended')
  const woken = () => wake()
  signal?.addEventListener('abort', woken)
  try {
    for (;;) {
      signal?.throwIfAborted()
      const ended = over()
      while (waiting.length > 0) yield waiting.shift()!
      if (ended) return
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  } finally {
    signal?.removeEventListener('abort', woken)
    port.onmessage = null
  }
}

/** Samples in pieces of one size. */
class Pieces {
  #piece: Float32Array
  #filled = 0

  constructor(readonly size: number) {
    this.#piece = new Float32Array(size)
  }

  *add(samples: Float32Array): Generator<Float32Array> {
    for (let at = 0; at < samples.length; ) {
      const part = samples.subarray(at, at + this.size - this.#filled)
      this.#piece.set(part, this.#filled)
      this.#filled += part.length
      at += part.length
      if (this.#filled < this.size) continue
      yield this.#piece
      this.#piece = new Float32Array(this.size)
      this.#filled = 0
    }
  }

  *rest(): Generator<Float32Array> {
    if (this.#filled > 0) yield this.#piece.subarray(0, this.#filled)
  }
}
