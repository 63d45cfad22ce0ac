/** @file A page that writes down speech, as any page would. */
import { configure, loadAudio, pipeline } from '/webformers/webformers.js'

let transcribe

globalThis.openTranscriber = async ({ hub, repository, device, dtype }) => {
  configure({ endpoint: hub })
  transcribe = await pipeline('automatic-speech-recognition', repository, { device, dtype })
}

/** @param files addresses, of which the sounds are joined */
globalThis.transcribe = async (files, options) => {
  if (files.length === 1) return transcribe(files[0], options)
  const parts = await Promise.all(files.map((file) => loadAudio(file)))
  const whole = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return transcribe(whole, options)
}

globalThis.streamed = async (file, options) => {
  const pieces = []
  for await (const piece of transcribe.stream(file, options)) pieces.push(piece)
  return pieces
}
