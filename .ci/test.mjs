/** @file Every check and every test; failing parts again at the end, the sum in the last line. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const reports = mkdtempSync(join(tmpdir(), 'webformers-test-'))
const PATH = `${join(root, 'node_modules', '.bin')}${delimiter}${process.env.PATH}`

/** Runs a command and keeps what it says, which is shown when it is done: others say something meanwhile. */
const run = (command) =>
  new Promise((resolve) => {
    const child = spawn(command, { cwd: root, shell: true, env: { ...process.env, PATH, FORCE_COLOR: '0' } })
    let output = ''
    console.log(`… ${command}`)
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text) => {
        output += text
      })
    }
    child.on('close', (code) => {
      console.log(`\n━━ ${command} ━━\n${output.trimEnd()}`)
      resolve({ ok: code === 0, output })
    })
  })

/** A command that passes or fails as a whole. */
const check = (command) => async () => {
  const { ok, output } = await run(command)
  return { name: command, output, passed: Number(ok), failed: Number(!ok) }
}

/** One of vite.config.ts's projects, counted test by test; what broke outside of any test counts as one. */
const tests = (project) => async () => {
  const report = join(reports, `${project}.json`)
  const { ok, output } = await run(
    `vitest run --project ${project} --reporter=default --reporter=json --outputFile.json=${report}`,
  )
  const { numPassedTests: passed, numFailedTests } = readReport(report)
  return { name: `${project} tests`, output, passed, failed: Math.max(numFailedTests, Number(!ok)) }
}

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return { numPassedTests: 0, numFailedTests: 0 } // Vitest fell before it could write one
  }
}

const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const inTurn = async (parts) => {
  const results = []
  for (const part of parts) results.push(await part())
  return results
}

const beside = [
  ...scripts.check.split(' && ').map(check), // format and lint; types; import directions and circles
  tests('types'),
  tests('node'),
  ...scripts.build.split(' && ').slice(1).map(check), // without the setup, which has been
]
// A browser that waits for its GPU or for a single thread of WASM leaves half of a small machine idle.
const [checked, browser] = await Promise.all([inTurn(beside), tests('browser')()])
const results = [...checked, browser, await tests('e2e')()]
rmSync(reports, { recursive: true })

const failing = results.filter((result) => result.failed > 0)
for (const { name, output } of failing) {
  const ending = output.trimEnd().split('\n').slice(-200) // tools sum up their failures last
  console.log(`\n━━ failing: ${name} ━━\n${ending.join('\n')}`)
}
for (const { name, passed, failed } of results) console.log(`${name}: ${passed} passed, ${failed} failed`)

const sum = (key) => results.reduce((total, result) => total + result[key], 0)
console.log(`${sum('passed')} passed, ${sum('failed')} failed`)
process.exitCode = failing.length > 0 ? 1 : 0
