/** @file What the benchmark needs before it starts: the model, and the peer's export of it. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { hubRoot, prepareMiniLM, repository } from '../real/minilm.mjs'

const run = promisify(execFile)
const workspace = fileURLToPath(new URL('../..', import.meta.url))

/** The repository transformers.js reads, beside the original one. */
export const exported = 'bench/all-MiniLM-L6-v2-ONNX'
export { hubRoot, repository }

const packages = ['torch==2.13.0', 'transformers==4.57.6', 'onnx', 'onnxruntime']

/** @throws {Error} that says what is missing and what would help */
export async function prepareExport() {
  const model = await prepareMiniLM()
  if (!model.ok) throw new Error(model.reason)
  await exportOnce(exported, new URL('export.py', import.meta.url), {
    given: [model.folder],
    more: ['safetensors'],
  })
}

/**
 * Has a script in Python write a repository of the local Hub, once; it gets what is `given` and the repository's folder.
 * @throws {Error} that says what is missing and what would help
 */
export async function exportOnce(repository, script, { given = [], more = [] } = {}) {
  const target = join(hubRoot, repository)
  if (existsSync(target)) return
  const python = await findPython([...packages, ...more])
  console.log(`Writing ${repository} …`)
  await mkdir(dirname(target), { recursive: true })
  await run(python, [fileURLToPath(script), ...given, target], {
    env: { ...process.env, HF_HUB_OFFLINE: '1' },
  })
}

/**
 * `$PYTHON`, if it has these packages; else an environment of our own, made once.
 * @throws {Error} that says what is missing and what would help
 */
export async function findPython(packages) {
  const modules = packages.map((name) => name.split('==')[0])
  const works = (python) =>
    run(python, ['-c', `import ${modules.join(', ')}`]).then(
      () => true,
      () => false,
    )
  const given = process.env.PYTHON
  if (given && (await works(given))) return given
  if (given) throw new Error(`PYTHON=${given} lacks one of: ${packages.join(', ')}.`)
  const folder = join(workspace, '.cache', 'venv')
  const own = join(folder, 'bin', 'python')
  if (await works(own)) return own
  console.log(`Installing ${packages.join(', ')} into .cache/venv, once …`)
  try {
    await run('python3', ['-m', 'venv', folder])
    await run(own, ['-m', 'pip', 'install', '--quiet', ...packages])
  } catch (error) {
    const last = String(error.stderr || error.message)
      .trim()
      .split('\n')
      .at(-1)
    throw new Error(
      `The benchmark's peer needs a Python with ${packages.join(', ')}, and none could be made in .cache/venv: ${last} ` +
        'Point PYTHON at one that has them.',
    )
  }
  return own
}
