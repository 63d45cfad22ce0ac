/** @file Throughput of a tokenizer on texts of 2 kB, one at a time. Runs in the page and in Node alike. */

/**
 * @param {{ call: Function, encode?: Function }} tokenizer functions from a text to its ids, or to a promise of them
 * @param {{ other: string[], measured: string[] }} texts the first warm up, the second are measured
 * @param {{ warmUp: number }} settings milliseconds at least, so that the browser has optimized what it will
 * @returns MB/s (UTF-8) of the first pass over the measured texts, of the second, and of `encode`; a hash of each text's ids
 */
export async function measureRate(tokenizer, { other, measured }, { warmUp }) {
  const { call, encode } = tokenizer
  const start = performance.now()
  do await pass(call, other)
  while (performance.now() - start < warmUp)
  const bytes = new TextEncoder().encode(measured.join('')).length
  const rate = async (work) => bytes / 1e3 / (await pass(work, measured))
  const rates = { first: await rate(call), second: await middle(() => rate(call)) }
  if (encode) rates.encode = await middle(() => rate(encode))
  const hashes = []
  for (const text of measured) hashes.push(hash(await call(text)))
  return { ...rates, hashes }
}

/** Milliseconds for all texts, one at a time. */
async function pass(work, texts) {
  const start = performance.now()
  for (const text of texts) {
    const result = work(text)
    if (result instanceof Promise) await result // an await without need would cost the synchronous ones a turn
  }
  return performance.now() - start
}

/** The middle of three. */
async function middle(measure) {
  const values = [await measure(), await measure(), await measure()]
  return values.sort((a, b) => a - b)[1]
}

/** Equal for equal ids (FNV-1a). */
function hash(ids) {
  let value = 0x811c9dc5
  for (const id of ids) value = Math.imul(value ^ id, 0x01000193)
  return `${ids.length}:${value >>> 0}`
}
