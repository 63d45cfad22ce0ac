/** @file Memory of a page while it trains, as Linux accounts it: shared pages count in parts (PSS). Elsewhere nothing is told. */
import { readdir, readFile } from 'node:fs/promises'

const read = (path) => readFile(path, 'utf8').catch(() => '') // the process may just have ended

/**
 * Watch the renderers of the browser with that profile until `stop`, which gives the most bytes they had in use at once. Looking
 * costs time that the training wants; what a training needs it keeps, so that it is seen every few seconds.
 */
export async function watchRenderers(profile) {
  const pids = await renderersOf(profile)
  let highest = 0
  const look = async () => {
    const sizes = await Promise.all(pids.map(proportionalSetSize))
    highest = Math.max(
      highest,
      sizes.reduce((sum, size) => sum + size, 0),
    )
  }
  const timer = setInterval(look, 3000)
  return {
    async stop() {
      clearInterval(timer)
      await look()
      return highest
    },
  }
}

async function renderersOf(profile) {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))
  const processes = await Promise.all(
    pids.map(async (pid) => {
      const stat = await read(`/proc/${pid}/stat`)
      const parent = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]
      return { pid, parent, command: await read(`/proc/${pid}/cmdline`) }
    }),
  )
  const byPid = new Map(processes.map((each) => [each.pid, each]))
  const belongs = (one) =>
    one !== undefined &&
    (one.command.includes(`--user-data-dir=${profile}`) || belongs(byPid.get(one.parent)))
  return processes
    .filter((one) => one.command.includes('--type=renderer') && belongs(one))
    .map(({ pid }) => pid)
}

async function proportionalSetSize(pid) {
  const text = await read(`/proc/${pid}/smaps_rollup`)
  return Number(text.match(/^Pss:\s+(\d+) kB/m)?.[1] ?? 0) * 1024
}
