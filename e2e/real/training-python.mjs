/** @file Asks Python what a model that was trained in a tab says. */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { hubRoot, repository } from './minilm.mjs'
import { pythonWith } from './tokenizers-packages.mjs'

const run = promisify(execFile)
const here = (path) => fileURLToPath(new URL(path, import.meta.url))

/** An interpreter with transformers and PEFT: `$PYTHON`, or an environment in `.cache`. @throws {Error} when none can be had */
export const findTransformers = () =>
  pythonWith(
    ['torch==2.13.0', 'transformers==4.57.6', 'peft==0.21.2'],
    'torch, transformers, peft',
    here('../../.cache/transformers'),
  )

/**
 * The logits of the held-out rows that lie beside the model, by transformers.
 * @param {string} python what `findTransformers` gives
 * @param {string} folder what `trainInTab` filled
 * @returns {Promise<{ logits: number[][], versions: string }>}
 */
export async function predictInPython(python, folder) {
  const { stdout } = await run(python, [here('training-check.py'), folder, join(hubRoot, repository)], {
    env: { ...process.env, HF_HUB_OFFLINE: '1' },
  })
  return {
    logits: JSON.parse(await readFile(join(folder, 'python.json'), 'utf8')),
    versions: stdout.trim(),
  }
}
