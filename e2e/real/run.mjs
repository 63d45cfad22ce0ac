/** @file `npm run test:real`: gets the real model, builds the library, and lets Vitest compare it with PyTorch. */
import { fileURLToPath } from 'node:url'
import { startVitest } from 'vitest/node'
import { findBrowser } from '../browser.mjs'
import { build } from './build.mjs'
import { prepareMiniLM } from './minilm.mjs'

const model = await prepareMiniLM()
const missing = !model.ok
  ? model.reason
  : !findBrowser() && 'No Chromium was found. Set CHROMIUM_PATH, or run: npx playwright install chromium'

if (missing) {
  console.error(`Can't test against the real model. ${missing}`)
  process.exitCode = 1
} else {
  await build()
  const minutes = 60_000
  await startVitest('test', [], {
    config: false,
    root: fileURLToPath(new URL('.', import.meta.url)),
    include: ['*.test.mjs'],
    watch: false,
    reporters: ['verbose'],
    testTimeout: 30 * minutes, // a GPU in software, on a machine with other work, takes that long
    hookTimeout: minutes,
  })
}
