/** @file Makes a machine with Node and npm ready: the packages of the lockfile and a Chromium. Quick when all is there. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const run = (command) => spawnSync(command, { cwd: root, stdio: 'inherit', shell: true }).status === 0

function fail(message) {
  console.error(`\nNot ready: ${message}`)
  process.exit(1)
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19))
    fail(`Node ${process.versions.node} is too old; install 20.19 or newer.`)
}

function installPackages() {
  const stamp = `${root}/node_modules/.lockfile-hash` // written after a whole install only
  const hash = createHash('sha256')
    .update(readFileSync(`${root}/pnpm-lock.yaml`))
    .digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return
  if (!run('npx --yes pnpm@10.34.8 install --frozen-lockfile'))
    fail('the packages could not be installed; pnpm says why above.')
  writeFileSync(stamp, hash)
}

async function installBrowser() {
  const { findBrowser, launch } = await import('../e2e/browser.mjs')
  if (findBrowser()) return
  const apt = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')
  const installed =
    run(`npx playwright install ${apt ? '--with-deps ' : ''}chromium`) ||
    (apt && run('apt-get update && apt-get install --yes chromium'))
  if (!installed || !findBrowser())
    fail('no Chromium. Set CHROMIUM_PATH to one, or install it (Debian: apt-get install chromium).')
  const browser = await launch().catch((error) => fail(`Chromium does not start. ${error.message}`))
  await browser.close()
}

checkNode()
installPackages()
await installBrowser()
