/** @file Where sound comes from: a file that is chosen or dropped, the microphone. */
import { microphoneChunks, openMicrophone } from 'webformers'
import { element } from '../../shared/dom'
import { Recording } from './recording'
import { RATE, type Sound } from './sound'

/** Tell of files that are chosen or dropped. */
export function watchFiles(told: (file: File) => void): void {
  const input = element('file', HTMLInputElement)
  element('choose', HTMLButtonElement).addEventListener('click', () => input.click())
  input.addEventListener('change', () => {
    const [file] = input.files ?? []
    if (file) told(file)
    input.value = '' // so that the same can be chosen again
  })
  document.addEventListener('dragover', (event) => {
    if (event.dataTransfer?.types.includes('Files')) event.preventDefault()
  })
  document.addEventListener('drop', (event) => {
    const [file] = event.dataTransfer?.files ?? []
    if (!file) return
    event.preventDefault()
    told(file)
  })
}

/** Seconds after which it ends by itself. */
export const LONGEST_RECORDING = 3600

export interface Microphone {
  /** No more is heard. */
  stop(): void
  /** What was heard, when it has ended. */
  readonly recorded: Promise<Blob>
}

/**
 * Listen to the microphone. Somebody may never answer whether the page may: to abort is to wait no longer.
 * @throws {MicrophoneError} when the user refuses it, there is none, or it is in use
 */
export async function listen(sound: Sound, signal: AbortSignal): Promise<Microphone> {
  const opening = openMicrophone()
  const stream = await Promise.race([opening, aborted(signal)])
  if (!stream) {
    opening.then(end, () => undefined)
    throw signal.reason
  }
  const stop = () => end(stream)
  signal.addEventListener('abort', stop, { once: true })
  return { stop, recorded: record(stream, sound, signal) }
}

async function record(stream: MediaStream, sound: Sound, signal: AbortSignal): Promise<Blob> {
  const recording = new Recording()
  try {
    for await (const samples of microphoneChunks(stream, { samplingRate: RATE, signal })) {
      recording.add(samples)
      sound.append(samples)
      if (sound.length >= LONGEST_RECORDING * RATE) break
    }
  } catch (error) {
    if (!signal.aborted) throw error // what was heard before is kept
  } finally {
    end(stream)
    sound.end()
  }
  return recording.file()
}

function end(stream: MediaStream) {
  for (const track of stream.getTracks()) track.stop()
}

const aborted = (signal: AbortSignal) =>
  new Promise<undefined>((resolve) => {
    signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
