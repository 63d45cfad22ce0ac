/** @file What is measured inside the page, the same for both sides; a side only says how to load and how to embed. */
import { watchGaps } from './gaps.js'
import { readCounters } from './read-counters.js'

let embed

/** From nothing to the first embedding: milliseconds, and the longest gap on this thread meanwhile. */
globalThis.load = async (side, options, text) => {
  if (!crossOriginIsolated)
    throw new Error('The page is not cross-origin isolated: onnxruntime would have one thread.')
  performance.mark('load')
  const stop = watchGaps()
  const start = performance.now()
  const { load } = await import(`./${side}.js`)
  embed = await load(options)
  await embed([text])
  const result = { load: performance.now() - start, gap: stop() }
  performance.mark('loaded')
  return result
}

/** The browser goes on optimizing wasm in the background after a load; a side that loads faster must not pay for it here. */
const WARM_UP = 1500

/** Milliseconds of each of the runs, after two or more that warm up. */
globalThis.forward = async (texts, runs) => {
  const begin = performance.now()
  for (let run = 0; run < 2 || performance.now() - begin < WARM_UP; run++) await embed(texts)
  const times = []
  for (let run = 0; run < runs; run++) {
    const start = performance.now()
    await embed(texts)
    times.push(performance.now() - start)
  }
  return times
}

/** Embeddings as nested arrays, a text at a time, to be compared with PyTorch's. */
globalThis.embeddings = async (texts) => {
  const rows = []
  for (const text of texts) rows.push(Array.from(await embed([text])))
  return rows
}

globalThis.readCounters = readCounters

globalThis.ready = true
