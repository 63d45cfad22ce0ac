/** @file What is measured inside the page, the same for both sides; a side only says how to open and how to encode. */

import { watchGaps } from '/shared/gaps.js'
import { measureRate } from './throughput.mjs'

let tokenizer
/** By language. */
let texts

/**
 * The trace finds what it needs between the marks.
 * @returns {Promise<{ open: number, gap: number, asynchronous: boolean }>} milliseconds, and whether there is `callAsync`
 */
globalThis.openTokenizer = async (side, options, settle) => {
  const { open } = await import(`./${side}.js`) // the library's code is there before the clock starts
  performance.mark('load')
  const stop = watchGaps()
  const start = performance.now()
  tokenizer = await open(options)
  tokenizer.call('Hello world')
  const time = performance.now() - start
  await new Promise((settled) => setTimeout(settled, settle)) // what is stored after opening counts for the thread too
  const result = { open: time, gap: stop(), asynchronous: tokenizer.callAsync !== undefined }
  performance.mark('loaded')
  return result
}

globalThis.importSide = (side) => import(`./${side}.js`).then(() => undefined)

globalThis.takeTexts = async () => {
  texts = await (await fetch('/texts/tokenizers.json')).json()
}

globalThis.rate = (language, settings) => measureRate(tokenizer, texts[language], settings)

/** MB/s of one long string, and of the same in pieces; each the second time. */
globalThis.lengthRates = (language) => {
  const pieces = [...texts[language].other, ...texts[language].measured, ...texts[language].rest]
  const long = pieces.join('\n')
  const bytes = new TextEncoder().encode(long).length
  const rates = {}
  for (let run = 0; run < 2; run++) {
    rates.pieces = rateOf(bytes, () => pieces.forEach((text) => void tokenizer.call(text)))
    rates.long = rateOf(bytes, () => tokenizer.call(long))
  }
  return rates
}

/** The same of the asynchronous call, with the longest wait of a timer meanwhile. */
globalThis.asyncRate = async (language) => {
  const { other, measured, rest } = texts[language]
  const long = [...other, ...measured, ...rest].join('\n')
  const bytes = new TextEncoder().encode(long).length
  await tokenizer.callAsync(long)
  performance.mark('load')
  const stop = watchGaps()
  const start = performance.now()
  await tokenizer.callAsync(long)
  const time = performance.now() - start
  const gap = stop()
  performance.mark('loaded')
  return { long: bytes / 1e3 / time, gap }
}

/** Bytes of this page and its workers, buffers included. */
globalThis.measureMemory = async () => (await performance.measureUserAgentSpecificMemory()).bytes

function rateOf(bytes, work) {
  const start = performance.now()
  work()
  return bytes / 1e3 / (performance.now() - start)
}

globalThis.ready = true
