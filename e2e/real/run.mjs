/**
 * @file `npm run test:real [-- file] [-t test]`: gets the real model and tokenizers, builds the library, and lets Vitest compare them
 * with PyTorch and with the Rust tokenizers; what is trained in a tab too.
 */
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startVitest } from 'vitest/node'
import { findBrowser } from '../browser.mjs'
import { build } from './build.mjs'
import { prepareMiniLM } from './minilm.mjs'
import { prepareTokenizers } from './tokenizers.mjs'
import { prepareTexts } from './tokenizers-texts.mjs'

const { values: chosen, positionals: files } = parseArgs({
  options: { testNamePattern: { type: 'string', short: 't' } },
  allowPositionals: true,
})
const model = await prepareMiniLM()
const unprepared = await Promise.all([prepareTokenizers(), prepareTexts()]).then(
  () => undefined,
  (error) => error.message,
)
const missing = !model.ok
  ? model.reason
  : unprepared
    ? unprepared
    : !findBrowser() && 'No Chromium was found. Set CHROMIUM_PATH, or run: npx playwright install chromium'

if (missing) {
  console.error(`Can't test against the real model. ${missing}`)
  process.exitCode = 1
} else {
  await build()
  const minutes = 60_000
  await startVitest('test', files, {
    config: false,
    root: fileURLToPath(new URL('.', import.meta.url)),
    include: ['*.test.mjs'],
    watch: false,
    ...chosen,
    fileParallelism: false, // each takes all cores there are
    reporters: ['verbose'],
    testTimeout: 30 * minutes, // a GPU in software, on a machine with other work, takes that long
    hookTimeout: minutes,
  })
}
