/** @file What counters.js counted. */

/** The totals of all threads that loaded it. */
export async function readCounters() {
  const channel = new BroadcastChannel('webgpu-counters')
  const total = {}
  channel.onmessage = ({ data }) => {
    for (const [name, count] of Object.entries(data)) total[name] = (total[name] ?? 0) + count
  }
  channel.postMessage('read')
  await new Promise((wait) => setTimeout(wait, 300))
  channel.close()
  return total
}
