/** @file What is measured inside the page, the same for both sides; a side says how to open its extractor and its model. */
import { watchGaps } from '/shared/gaps.js'

/** Seconds of a segment. */
const SEGMENT = 30
const RATE = 16000

/** @type {(sound: Float32Array) => Promise<Float32Array>} */
let extract
/** @type {{ write(features: Float32Array, count: number): Promise<number> }} */
let model
let recorded

/** 30 seconds of the recording, over and over, from another place for each segment. */
const soundOf = (segment) =>
  Float32Array.from({ length: SEGMENT * RATE }, (_, i) => recorded[(i + segment * RATE) % recorded.length])

/** @param options of a model, and of the sound: `wav`; without a repository only features are extracted */
globalThis.load = async (side, options) => {
  if (!crossOriginIsolated)
    throw new Error('The page is not cross-origin isolated: there would be one thread.')
  const bytes = await (await fetch(options.wav)).arrayBuffer()
  recorded = Float32Array.from(new Int16Array(bytes.slice(44)), (value) => value / 32768)
  const { load, openExtractor } = await import(`./${side}.js`)
  const start = performance.now()
  extract = await openExtractor(options)
  if (options.exported) model = await load(options)
  return { loading: performance.now() - start }
}

globalThis.warmUp = async (rounds) => {
  for (let round = 0; round < rounds; round++) await extract(soundOf(0))
}

/** Milliseconds of each extraction, and the longest that a timer had to wait meanwhile. */
globalThis.extractions = async (calls) => {
  const times = []
  const sound = soundOf(0)
  performance.mark('load')
  const stop = watchGaps()
  for (let call = 0; call < calls; call++) {
    const start = performance.now()
    await extract(sound)
    times.push(performance.now() - start)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const gap = stop()
  performance.mark('loaded')
  return { times, gap }
}

globalThis.features = async () => Array.from(await extract(soundOf(0)))

let written = 0

/** How many seconds of sound are written down in a second, `count` tokens for each segment, and the page's longest wait. */
globalThis.write = async (segments, count) => {
  const sounds = Array.from({ length: segments }, () => soundOf(written++))
  const gap = watchGaps()
  const start = performance.now()
  for (const sound of sounds) {
    const tokens = await model.write(await extract(sound), count)
    if (tokens !== count) throw new Error(`Asked for ${count} tokens, got ${tokens}.`)
  }
  const seconds = (performance.now() - start) / 1000
  return { speed: (SEGMENT * segments) / seconds, gap: gap() }
}

globalThis.ready = true
