/** @file Memory of a browser with all its processes, as Linux accounts it: shared pages count once (PSS). */
import { readdir, readFile } from 'node:fs/promises'

/** Bytes in use by the browser whose command line names that profile: `gpu` in its GPU process, `host` in all others. */
export async function memoryByProcess(profile) {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const parents = new Map()
  const commands = new Map()
  await Promise.all(
    pids.map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
      parents.set(pid, stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
      commands.set(pid, await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''))
    }),
  )
  const family = new Set(pids.filter((pid) => commands.get(pid).includes(`--user-data-dir=${profile}`)))
  let grew = true
  while (grew) {
    grew = false
    for (const [pid, parent] of parents) {
      if (!family.has(parent) || family.has(pid)) continue
      family.add(pid)
      grew = true
    }
  }
  const total = { host: 0, gpu: 0 }
  const add = async (pid) => {
    const size = await proportionalSetSize(pid) // before the sum is read: others add to it meanwhile
    total[commands.get(pid).includes('--type=gpu-process') ? 'gpu' : 'host'] += size
  }
  await Promise.all([...family].map(add))
  return total
}

/** Bytes in use by all the processes of that browser. */
export async function memoryOf(profile) {
  const { host, gpu } = await memoryByProcess(profile)
  return host + gpu
}

async function proportionalSetSize(pid) {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '') // it may just have ended
  return Number(text.match(/^Pss:\s+(\d+) kB/m)?.[1] ?? 0) * 1024
}

/** Watch until `stop`, which gives the highest values seen; every 50 ms is often enough for what lasts. */
export function watchMemory(profile) {
  const highest = { host: 0, gpu: 0, all: 0 }
  let watching = true
  const watch = async () => {
    while (watching) {
      const { host, gpu } = await memoryByProcess(profile)
      highest.host = Math.max(highest.host, host)
      highest.gpu = Math.max(highest.gpu, gpu)
      highest.all = Math.max(highest.all, host + gpu)
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
