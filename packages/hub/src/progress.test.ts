import { expect, test } from 'vitest'
import type { Progress } from './options'
import { ProgressTracker } from './progress'

/** A tracker whose clock the test sets. */
function tracked() {
  const steps: Progress[] = []
  const clock = { now: 0 }
  const tracker = new ProgressTracker(() => clock.now)
  const follow = () => tracker.follow((step) => steps.push(step))
  const last = () => steps.at(-1)!
  return { tracker, follow, last, clock }
}

test('files add up, and those expected count from the start', () => {
  const { tracker, follow, last } = tracked()
  tracker.expect('a', 100)
  tracker.expect('b', 300)
  const [a, b] = [follow(), follow()]
  a({ file: 'a', loaded: 0, total: 100 })
  expect(last().totals).toEqual({ files: 2, loaded: 0, total: 400, rate: 0 })
  a({ file: 'a', loaded: 100, total: 100 })
  b({ file: 'b', loaded: 150, total: 300 })
  expect(last()).toMatchObject({ file: 'b', loaded: 150, total: 300, totals: { loaded: 250, total: 400 } })
})

test('a total that nobody knows makes the sum unknown until it is known', () => {
  const { follow, last } = tracked()
  const [a, b] = [follow(), follow()]
  a({ file: 'a', loaded: 10, total: 100 })
  b({ file: 'b', loaded: 5, total: undefined })
  expect(last().totals).toMatchObject({ loaded: 15, total: undefined })
  b({ file: 'b', loaded: 50, total: 50 })
  expect(last().totals).toMatchObject({ loaded: 60, total: 150 })
})

test('a file that is read twice counts once', () => {
  const { follow, last } = tracked()
  for (const tell of [follow(), follow()]) tell({ file: 'a', loaded: 10, total: 10 })
  expect(last().totals).toEqual({ files: 1, loaded: 10, total: 10, rate: 0 })
})

test('the rate is that of what came, of each file and of all, over the last seconds', () => {
  const { follow, last, clock } = tracked()
  const [a, b] = [follow(), follow()]
  a({ file: 'a', loaded: 500_000, total: 1e9 }) // an earlier download left so much
  b({ file: 'b', loaded: 0, total: 1e9 })
  clock.now = 1000
  a({ file: 'a', loaded: 600_000, total: 1e9 })
  expect(last().rate).toBe(100_000)
  clock.now = 2000
  b({ file: 'b', loaded: 400_000, total: 1e9 })
  expect([last().rate, last().totals.rate]).toEqual([200_000, 250_000])
  for (let second = 3; second < 30; second++) {
    clock.now = 1000 * second
    a({ file: 'a', loaded: 600_000 + 1000 * second, total: 1e9 })
  }
  expect(last().rate).toBe(1000)
})

test('what was cached has no rate', () => {
  const { follow, last, clock } = tracked()
  follow()({ file: 'a', loaded: 1e6, total: 1e6 })
  clock.now = 50
  follow()({ file: 'b', loaded: 1e6, total: 1e6 })
  expect([last().rate, last().totals.rate]).toEqual([0, 0])
})
