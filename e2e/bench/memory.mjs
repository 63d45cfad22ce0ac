/** @file Memory of a browser with all its processes, as Linux accounts it: shared pages count once (PSS). */
import { readdir, readFile } from 'node:fs/promises'

/** Bytes in use by the process whose command line names that profile, and by its descendants. */
export async function memoryOf(profile) {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const parents = new Map()
  const family = new Set()
  await Promise.all(
    pids.map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
      parents.set(pid, stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
      const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
      if (command.includes(`--user-data-dir=${profile}`)) family.add(pid)
    }),
  )
  let grew = true
  while (grew) {
    grew = false
    for (const [pid, parent] of parents) {
      if (!family.has(parent) || family.has(pid)) continue
      family.add(pid)
      grew = true
    }
  }
  const sizes = await Promise.all([...family].map(proportionalSetSize))
  return sizes.reduce((sum, size) => sum + size, 0)
}

async function proportionalSetSize(pid) {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '') // it may just have ended
  return Number(text.match(/^Pss:\s+(\d+) kB/m)?.[1] ?? 0) * 1024
}

/** Watch until `stop`, which gives the highest value seen; every 50 ms is often enough for what lasts. */
export function watchMemory(profile) {
  let highest = 0
  let watching = true
  const watch = async () => {
    while (watching) {
      highest = Math.max(highest, await memoryOf(profile))
      await new Promise((wait) => setTimeout(wait, 50))
    }
  }
  const done = watch()
  return {
    async stop() {
      watching = false
      await done
      return highest
    },
  }
}
