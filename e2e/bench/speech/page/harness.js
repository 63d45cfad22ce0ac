/** @file What is measured inside the page, the same for both sides; a side says how to load and how to write down a segment. */
import { watchGaps } from '/shared/gaps.js'

/** Seconds of a segment. */
const SEGMENT = 30

/** @type {{ write(features: Float32Array, count: number): Promise<number> }} */
let model

/** Features as loud as speech's are: log-mel values of noise. */
function featuresOf(chunk) {
  const values = new Float32Array(80 * 3000)
  let state = chunk + 1
  for (let i = 0; i < values.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    values[i] = state / 2 ** 31 - 1
  }
  return values
}

globalThis.load = async (side, options) => {
  if (!crossOriginIsolated)
    throw new Error('The page is not cross-origin isolated: there would be one thread.')
  const { load } = await import(`./${side}.js`)
  const start = performance.now()
  model = await load(options)
  return { loading: performance.now() - start }
}

let chunks = 0

/** How many seconds of sound are written down in a second, `count` tokens for each segment, and the page's longest wait. */
globalThis.write = async (segments, count) => {
  const gap = watchGaps()
  const start = performance.now()
  for (let i = 0; i < segments; i++) {
    const tokens = await model.write(featuresOf(chunks++), count)
    if (tokens !== count) throw new Error(`Asked for ${count} tokens, got ${tokens}.`)
  }
  const seconds = (performance.now() - start) / 1000
  return { speed: (SEGMENT * segments) / seconds, gap: gap() }
}

globalThis.ready = true
