/** @file Builds the library as users get it: what is proved and measured here is that, not our sources. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const workspace = fileURLToPath(new URL('../..', import.meta.url))

export const dist = fileURLToPath(new URL('../../packages/webformers/dist', import.meta.url))

/** @throws {Error} when the build fails; it has said why */
export async function build() {
  const child = spawn('npm', ['run', '--silent', 'build'], {
    cwd: workspace,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const code = await new Promise((ended) => child.on('close', ended))
  if (code !== 0) throw new Error(`npm run build ended with ${code}.`)
}
