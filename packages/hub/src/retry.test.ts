import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { FileNotFoundError, NetworkError } from './errors'
import { retry } from './retry'

const busy = (retryAfter = 0) => new NetworkError('busy', { retryAfter })

beforeEach(() => {
  vi.useFakeTimers()
  vi.spyOn(Math, 'random').mockReturnValue(0)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

/** When each attempt was made, in milliseconds, and what came of it. */
async function attempts(error: () => unknown, signal?: AbortSignal) {
  const start = Date.now()
  const times: number[] = []
  const attempt = async () => {
    times.push(Date.now() - start)
    throw error()
  }
  const outcome = retry(attempt, signal).catch((error) => error)
  await vi.runAllTimersAsync()
  return { times, outcome: await outcome }
}

test('each pause is twice as long as the one before, and the last error is thrown', async () => {
  const { times, outcome } = await attempts(() => busy())
  expect(times).toEqual([0, 500, 1500, 3500])
  expect(outcome).toEqual(busy())
})

test('a server that names a time is obeyed, unless it is too long', async () => {
  expect((await attempts(() => busy(1000))).times).toEqual([0, 1000, 2000, 4000])
  expect((await attempts(() => busy(3_600_000))).times).toEqual([0])
})

test('what no attempt can mend is thrown at once', async () => {
  expect((await attempts(() => new FileNotFoundError('absent'))).times).toEqual([0])
  expect((await attempts(() => new NetworkError('no'))).times).toEqual([0])
})

test('where the browser knows that it is offline, nothing is tried again', async () => {
  vi.stubGlobal('navigator', { onLine: false })
  expect((await attempts(() => busy())).times).toEqual([0])
})

test('an abort ends a pause', async () => {
  const controller = new AbortController()
  setTimeout(() => controller.abort('enough'), 700)
  const { times, outcome } = await attempts(() => busy(), controller.signal)
  expect(times).toEqual([0, 500])
  expect(outcome).toBe('enough')
})
