/** @file What is measured inside the page, the same for both sides; a side only says how to load. */
import { watchGaps } from '/shared/gaps.js'

let forward

globalThis.load = async (side, options) => {
  const { load } = await import(`./${side}.js`)
  const start = performance.now()
  forward = await load(options)
  await forward(pixels(1), [1, 3, 224, 224])
  return { load: performance.now() - start }
}

/** The same numbers for both sides, between −1 and 1. */
const pixels = (images) => Float32Array.from({ length: images * 3 * 224 * 224 }, (_, i) => Math.sin(i * 0.37))

/** Milliseconds of each of `runs` forwards after two that warm up, and the longest that a timer had to wait meanwhile. */
globalThis.measure = async (images, runs) => {
  const given = pixels(images)
  const times = []
  const stop = watchGaps()
  for (let run = -2; run < runs; run++) {
    const start = performance.now()
    await forward(given, [images, 3, 224, 224])
    if (run >= 0) times.push(performance.now() - start)
  }
  return { times, gap: stop() }
}

globalThis.logits = async () => Array.from(await forward(pixels(1), [1, 3, 224, 224]))

globalThis.ready = true
