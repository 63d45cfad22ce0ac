/** @file How long the masks of `responseFormat` take over the model's vocabulary: outside of a browser, whose clock is coarse. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build, defaultServerConditions } from 'vite'
import { results } from '../../stage.mjs'

const run = promisify(execFile)
const outDir = `${results}/masks`
const conditions = ['@webformers/source', ...defaultServerConditions]

/**
 * @param {string} folder a model's, with its tokenizer
 * @returns {Promise<{ vocabulary: number, schemas: number, times: number[] }>} milliseconds for each token
 */
export async function measureMasks(folder) {
  await build({
    configFile: false,
    logLevel: 'error',
    resolve: { conditions },
    ssr: { noExternal: true, resolve: { conditions } },
    build: { ssr: fileURLToPath(new URL('walk.ts', import.meta.url)), outDir, emptyOutDir: true },
  })
  const { stdout } = await run(process.execPath, [`${outDir}/walk.js`, folder], { maxBuffer: 2 ** 26 })
  return JSON.parse(stdout)
}
