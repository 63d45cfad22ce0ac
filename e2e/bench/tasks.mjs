/** @file The longest tasks of a page's main thread, from the browser's own trace. */

/**
 * A timer's wait also holds the time in which other threads had all cores, and so does a task's length where a machine is
 * loaded; `work` is the time that a task had a core, which tells what the page did itself.
 * @returns a function that stops and gives milliseconds of the longest, from the page's mark `load` to its mark `loaded`
 */
export async function watchTasks(page) {
  const session = await page.context().newCDPSession(page)
  const events = []
  session.on('Tracing.dataCollected', ({ value }) => events.push(...value))
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: ['disabled-by-default-devtools.timeline', 'blink.user_timing'] },
  })
  return async () => {
    const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve))
    await session.send('Tracing.end')
    await complete
    const start = events.findLast(({ name }) => name === 'load')
    const end = events.findLast(({ name }) => name === 'loaded')
    if (!start || !end) throw new Error("The trace lacks the page's marks.")
    const tasks = events.filter(
      ({ name, pid, tid, ts, dur }) =>
        name === 'RunTask' && // with the microtasks after it, which the scheduler's own events leave out
        pid === start.pid &&
        tid === start.tid &&
        ts + dur >= start.ts &&
        ts <= end.ts,
    )
    const longest = (key) => Math.max(...tasks.map((task) => task[key] ?? 0)) / 1000
    return { task: longest('dur'), work: longest('tdur') }
  }
}
