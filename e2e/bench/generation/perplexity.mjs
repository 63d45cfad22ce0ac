/**
 * @file The perplexity of SmolLM2-135M-Instruct on a fixed English text in each dtype, so that a quantizer that hurts is seen.
 * `node e2e/bench/generation/perplexity.mjs [wasm | webgpu] [dtype …]` measures it by hand, over a library that is built.
 */
import { fileURLToPath } from 'node:url'
import { launch } from '../../browser.mjs'
import { startHub } from '../../hub-server.mjs'
import { dist } from '../../real/build.mjs'
import { hubRoot } from '../../real/minilm.mjs'
import { serve } from '../../real/server.mjs'
import { prepareSmolLM2, smolFile, smolRepository } from '../../real/smollm2.mjs'
import { prepareTexts } from '../../real/tokenizers-texts.mjs'

export const perplexityDtypes = ['fp32', 'int8', 'q8', 'q4']

/** What perplexity.py has of torch, over weights that gguf rounded; `int8` rounds what they meet as well. */
export const perplexityOfTorch = { fp32: 40.865, q8: 40.817, q4: 47.378 }

/** Speeches, free of copyright; the first of their pieces. */
const PIECES = 4
/** How many tokens of a piece are read. */
const TOKENS = 256

/**
 * The perplexity of each dtype. The file is quantized already, and its blocks would stay: the model is saved in single precision first,
 * and that is what is quantized.
 * @param {{ device?: 'wasm' | 'webgpu', dtypes?: readonly string[], library?: string, log?: (line: string) => void }} [options]
 * @returns {Promise<Record<string, { perplexity: number, seconds: number }>>} how long it took to load and to read is told besides
 */
export async function measurePerplexity({
  device = 'wasm',
  dtypes = perplexityDtypes,
  library = dist,
  log = () => {},
} = {}) {
  await prepareSmolLM2()
  const { english } = await prepareTexts()
  const page = fileURLToPath(new URL('.', import.meta.url))
  const hub = await startHub({ root: hubRoot })
  const server = await serve({ '/webformers/': library, '/': page })
  const browser = await launch()
  try {
    const tab = await browser.newPage()
    await tab.goto(`${server.url}/perplexity.html`)
    await tab.waitForFunction(() => globalThis.ready)
    const text = { texts: english.slice(0, PIECES), tokens: TOKENS }
    await tab.evaluate((job) => globalThis.prepare(job), {
      hub: hub.url,
      repository: smolRepository,
      ggufFile: smolFile,
    })
    const found = {}
    for (const dtype of dtypes) {
      found[dtype] = await tab.evaluate((job) => globalThis.perplexity(job), { ...text, device, dtype })
      log(`${device} ${dtype}: ${found[dtype].perplexity.toFixed(3)} in ${found[dtype].seconds.toFixed(0)} s`)
    }
    return found
  } finally {
    await browser.close()
    await Promise.all([server.close(), hub.close()])
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [device = 'wasm', ...dtypes] = process.argv.slice(2)
  await measurePerplexity({ device, ...(dtypes.length > 0 && { dtypes }), log: console.log })
}
