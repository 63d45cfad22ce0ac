/** @file What is measured inside the page, the same for every side; a side says how to load and how to generate. */
import { watchGaps } from '/shared/gaps.js'
import { readCounters } from '/shared/read-counters.js'

/** @type {{ generate(prompt: { ids: number[], text: string }, count: number): Promise<{ tokens: number, prefill?: number, decode?: number }> }} */
let model

/** @returns the longest time for which the page's own thread did not answer */
globalThis.load = async (side, options) => {
  if (!crossOriginIsolated)
    throw new Error('The page is not cross-origin isolated: there would be one thread.')
  const { load } = await import(`./${side}.js`)
  const gap = watchGaps()
  const start = performance.now()
  model = await load(options)
  return { loading: performance.now() - start, gap: gap() }
}

const timed = async (prompt, count) => {
  const start = performance.now()
  const found = await model.generate(prompt, count)
  if (found.tokens !== count) throw new Error(`Asked for ${count} tokens, got ${found.tokens}.`)
  return { ...found, time: performance.now() - start }
}

/** Milliseconds until the first token, which is the reading of the prompt. */
globalThis.prefill = async (prompt) => {
  const { time, prefill } = await timed(prompt, 1)
  return prefill ?? time
}

/** Tokens a second of those that follow the first; of a side that tells no times, from what more tokens take longer. */
globalThis.decode = async (prompt, count) => {
  const gap = watchGaps()
  const { time: first } = await timed(prompt, 1)
  const { time, decode } = await timed(prompt, count + 1)
  return { speed: (1000 * count) / (decode ?? time - first), gap: gap() }
}

/** What a token asks of the GPU. */
globalThis.countCalls = async (prompt, count) => {
  const counted = async (tokens) => {
    const before = await readCounters()
    await timed(prompt, tokens)
    const after = await readCounters()
    return Object.fromEntries(Object.keys(after).map((name) => [name, after[name] - before[name]]))
  }
  await timed(prompt, 2) // compiles shaders
  const one = await counted(1)
  const more = await counted(1 + count)
  const each = Object.keys(more).map((name) => [name, (more[name] - one[name]) / count])
  return { prefill: one, token: Object.fromEntries(each) }
}

globalThis.ready = true
