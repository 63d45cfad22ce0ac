/** @file What a worker has to do, one job at a time: an instance of onnxruntime can do no more. */

export class Jobs {
  readonly #calls = new Map<number, AbortController>()
  readonly #blame: (error: unknown) => Promise<never>
  #last: Promise<unknown> = Promise.resolve()
  #current: Promise<unknown> = Promise.resolve()
  #waiting = 0

  /** @param blame throws an error, or what is behind it */
  constructor(blame: (error: unknown) => Promise<never>) {
    this.#blame = blame
  }

  /** How many jobs have not begun. */
  get waiting() {
    return this.#waiting
  }

  /** Ends with the job under way. */
  get current() {
    return this.#current
  }

  /** Do a job after those that were added before it; a call can be given up under its number. */
  add<T>(call: number | undefined, job: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController()
    if (call !== undefined) this.#calls.set(call, controller)
    this.#waiting += 1
    const turn = this.#last
      .then(async () => {
        this.#waiting -= 1
        await messagesRead()
        controller.signal.throwIfAborted()
        const running = job(controller.signal)
        this.#current = running.catch(() => {})
        return running
      })
      .catch((error) => this.#blame(error))
      .finally(() => call !== undefined && this.#calls.delete(call))
    this.#last = turn.catch(() => {})
    return turn
  }

  /** Do what is no job itself but adds some; it can be given up under its number. */
  async during<T>(call: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController()
    this.#calls.set(call, controller)
    try {
      return await work(controller.signal)
    } finally {
      this.#calls.delete(call)
    }
  }

  /** Give up a call that nobody waits for any more: one that has not begun never does. */
  cancel(call: number) {
    this.#calls.get(call)?.abort()
  }
}

const { port1, port2 } = new MessageChannel()
const waiting: (() => void)[] = []
port2.onmessage = () => waiting.shift()?.()

/** Resolves after the messages that have come were read: a computation blocks the worker, and a cancel may be among them. */
const messagesRead = () =>
  new Promise<void>((resolve) => {
    waiting.push(resolve)
    port1.postMessage(undefined)
  })
