/** @file What reads, resamples and records sound, fetched when there is some. */
import type { loadAudio as load } from './load-audio'
import type * as microphone from './microphone'
import type { resample as change } from './resample'

/** Sound with one channel at a rate. Like `load_audio` in Python.
 *
 * Channels are averaged. WAV files are read to the sample, everywhere; for other files the browser's decoder is asked, at their own
 * rate, on a page. A stream is listened to until it ends.
 * @example
 * const samples = await loadAudio('speech.mp3', { samplingRate: 16000 }) // Float32Array
 * await loadAudio({ array: samples, sampling_rate: 44100 })
 * @throws {AudioDecodeError} when it is no sound that this browser can read
 * @throws {AudioError} when there are no samples, or some are no numbers
 * @throws {FileNotFoundError} @throws {NetworkError}
 */
export const loadAudio: typeof load = async (...given) => (await import('./load-audio')).loadAudio(...given)

/** Sound at another rate, as `torchaudio.functional.resample` makes it.
 * @example
 * const at16k = await resample(samples, 44100, 16000) // 441 samples become 160
 * @throws {AudioError} when a rate is no positive whole number
 */
export const resample: typeof change = async (...given) => (await import('./resample')).resample(...given)

/** The stream of the user's microphone; the browser asks the user first.
 * @example
 * const stream = await openMicrophone()
 * for await (const samples of microphoneChunks(stream)) draw(samples)
 * @throws {MicrophoneError} when the user or the page's policy refuses it, there is none, or it is in use
 */
export const openMicrophone: typeof microphone.openMicrophone = async (...given) =>
  (await import('./microphone')).openMicrophone(...given)

/** What is heard, as it comes, until the stream's tracks are stopped. Like `ffmpeg_microphone` in Python.
 * @example
 * for await (const samples of microphoneChunks(stream, { samplingRate: 16000 })) draw(samples) // Float32Array [4000]
 * @throws {AudioError} when the stream has no sound, or the page may not listen before its user has clicked
 */
export async function* microphoneChunks(
  ...given: Parameters<typeof microphone.microphoneChunks>
): AsyncGenerator<Float32Array, void> {
  yield* (await import('./microphone')).microphoneChunks(...given)
}
