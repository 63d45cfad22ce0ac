import { expect, test } from 'vitest'
import { finish, finishCalmly, type Steps } from './steps'

/** Numbers, each of which takes longer than a page may wait. */
function* slow(numbers: readonly number[]): Steps<number> {
  let sum = 0
  for (const number of numbers) {
    const start = performance.now()
    while (performance.now() - start < 10) sum += 0
    sum += number
    yield
  }
  return sum
}

/** How often the page has had its turn until `work` is over. */
async function turns(work: Promise<unknown>): Promise<number> {
  let [count, over] = [0, false]
  work.finally(() => (over = true)).catch(() => {})
  const { port1, port2 } = new MessageChannel()
  port1.onmessage = () => {
    count++
    if (!over) port2.postMessage(undefined)
    else port1.close()
  }
  port2.postMessage(undefined)
  await work
  return count
}

test('all steps at once, or with the turns of a page in between', async () => {
  expect(finish(slow([1, 2, 3]))).toBe(6)
  expect(await finishCalmly(slow([1, 2, 3]))).toBe(6)
  expect(await turns(finishCalmly(slow([1, 2, 3, 4])))).toBeGreaterThanOrEqual(3)
})

test('who aborts between two steps gets no further', async () => {
  const controller = new AbortController()
  setTimeout(() => controller.abort(new Error('enough')))
  await expect(finishCalmly(slow(Array(1000).fill(1)), controller.signal)).rejects.toThrow('enough')
})
