/** @file What is measured inside the page, the same for both sides; a side only says how to open. */
import { watchGaps } from '/shared/gaps.js'

let prepare
let photograph

/** @returns the bytes of the photograph */
globalThis.load = async (side, { image, width, height, processor }) => {
  const { open } = await import(`./${side}.js`)
  photograph = await enlarged(await (await fetch(image)).blob(), width, height)
  prepare = await open(processor)
  return photograph.size
}

/** A photograph as large as a telephone's camera makes it. */
async function enlarged(blob, width, height) {
  const canvas = new OffscreenCanvas(width, height)
  const context = canvas.getContext('2d')
  context.imageSmoothingQuality = 'high'
  context.drawImage(await createImageBitmap(blob), 0, 0, width, height)
  return canvas.convertToBlob({ type: 'image/jpeg', quality: 0.92 })
}

globalThis.warmUp = async (rounds) => {
  for (let round = 0; round < rounds; round++) await prepare(photograph)
}

/** Milliseconds of each call, and the longest that a timer had to wait meanwhile. */
globalThis.measure = async (calls) => {
  const times = []
  performance.mark('load')
  const stop = watchGaps()
  for (let call = 0; call < calls; call++) {
    const start = performance.now()
    await prepare(photograph)
    times.push(performance.now() - start)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const gap = stop()
  performance.mark('loaded')
  return { times, gap }
}

globalThis.features = async () => Array.from(await prepare(photograph))

globalThis.ready = true
