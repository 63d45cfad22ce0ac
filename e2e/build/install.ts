/** @file A package of this workspace as a stranger gets it: packed and installed by npm, bundled with Vite's defaults. */
import { execFile } from 'node:child_process'
import { cp, mkdtemp, readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'vite'
import { expect } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const run = promisify(execFile)

/** Copy a package's app to a folder that knows nothing of this workspace, and install the package there. */
export async function install(packed: 'webformers' | 'tokenizers'): Promise<string> {
  const app = await mkdtemp(join(tmpdir(), `${packed}-consumer-`))
  for (const part of ['package.json', 'tsconfig.json', packed]) {
    const to = part === packed ? app : join(app, part)
    await cp(new URL(`./consumer/${part}`, import.meta.url), to, { recursive: true })
  }
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', app], {
    cwd: join(root, 'packages', packed),
  })
  const [{ filename }] = JSON.parse(stdout)
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', `./${filename}`], { cwd: app })
  return app
}

/** Build one entry of the app with Vite's defaults; the code of each file it wrote, by name. */
export async function buildApp(app: string, entry: string) {
  const outDir = join(app, `dist-${entry}`)
  await build({
    root: app,
    configFile: false,
    logLevel: 'error',
    build: { outDir, target: 'esnext', rolldownOptions: { input: join(app, entry) } },
  })
  const names = (await readdir(join(outDir, 'assets'))).filter((name) => name.endsWith('.js'))
  const read = async (name: string) => [name, await readFile(join(outDir, 'assets', name), 'utf8')] as const
  return { outDir, scripts: new Map(await Promise.all(names.map(read))) }
}

/** The scripts that one imports at once, itself included. */
export function atOnce(scripts: ReadonlyMap<string, string>, name: string, seen = new Set<string>()) {
  if (seen.has(name)) return seen
  seen.add(name)
  const imports = scripts.get(name)!.matchAll(/(?:from|import)\s*["']\.\/([^"']+)["']/g)
  for (const [, imported] of imports) atOnce(scripts, imported!, seen)
  return seen
}

/** Compile the app as strictly as TypeScript can, with the package's declarations, which need no others of ours. */
export async function expectTypes(app: string, name: string) {
  const typescript = join(root, 'node_modules/typescript/bin/tsc')
  await run(process.execPath, [typescript, '--project', app]).catch(({ stdout }) => expect.fail(stdout))
  const declarations = await readFile(join(app, 'node_modules', name, 'dist/index.d.ts'), 'utf8')
  expect(declarations).not.toMatch(/from ['"]/)
}
