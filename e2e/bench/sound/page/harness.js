/** @file What is measured inside the page, the same for both sides; a side only says how to open. */
import { watchGaps } from '/shared/gaps.js'

let extract
let sound

/** @returns how many seconds of sound there are */
globalThis.load = async (side, { wav, seconds }) => {
  const { open } = await import(`./${side}.js`)
  const bytes = await (await fetch(wav)).arrayBuffer()
  const recorded = Float32Array.from(new Int16Array(bytes.slice(44)), (value) => value / 32768)
  sound = Float32Array.from({ length: seconds * 16000 }, (_, i) => recorded[i % recorded.length])
  extract = await open()
  return sound.length / 16000
}

globalThis.warmUp = async (rounds) => {
  for (let round = 0; round < rounds; round++) await extract(sound)
}

/** Milliseconds of each call, and the longest that a timer had to wait meanwhile. */
globalThis.measure = async (calls) => {
  const times = []
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

globalThis.features = async () => Array.from(await extract(sound))

globalThis.ready = true
