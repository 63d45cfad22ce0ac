/** @file How long a thread does not come to its timers. */

/** A timer that should tick every 4 ms; the longest it had to wait is what a user would feel as a stutter. */
export function watchGaps() {
  let last = performance.now()
  let longest = 0
  let timer = 0
  const tick = () => {
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
    timer = setTimeout(tick, 2)
  }
  tick()
  return () => {
    clearTimeout(timer)
    return Math.max(longest, performance.now() - last)
  }
}
