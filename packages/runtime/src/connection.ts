/** @file One worker's life as the page sees it: what it was asked, whether it still lives, why it ended. */
import { type Remote, wrap } from 'comlink'
import type { Capabilities, Engine } from './engine'
import { DeviceLostError, OutOfMemoryError, WorkerDiedError } from './errors'
import { samplesFor } from './samples'
import type { RuntimeOptions } from './session'
import { registerErrors } from './wire'

/** Errors after which a worker is of no more use; memory that WASM once took is given back only by its end. */
const FATAL = [WorkerDiedError, DeviceLostError, OutOfMemoryError]

/** Sends one request; `call` is the number by which it can be cancelled. */
export type Request<T> = (engine: Remote<Engine>, call: number) => Promise<T>

export class Connection {
  readonly capabilities: Promise<Capabilities>
  /** Why the worker ended; `undefined` while it lives. */
  ended: Error | undefined
  readonly #worker: Worker
  readonly #engine: Remote<Engine>
  readonly #pending = new Set<(reason: Error) => void>()
  readonly #watch = new AbortController()
  #calls = 0

  constructor(spawn: () => Worker, options: RuntimeOptions) {
    registerErrors()
    this.#worker = spawn()
    this.#worker.onerror = (event) => {
      event.preventDefault() // it reaches the callers; the console needs no second copy
      this.end(
        new WorkerDiedError(
          `The worker crashed or could not start: ${event.message ?? 'no reason given'}. ${AGAIN}`,
        ),
      )
    }
    this.#worker.onmessageerror = () =>
      this.end(new WorkerDiedError(`The worker sent what this page can't read. ${AGAIN}`))
    this.#engine = wrap<Engine>(this.#worker)
    this.#watchOver()
    this.capabilities = this.call((engine) =>
      engine.open({ ...options, samples: samplesFor(options.device) }),
    )
    this.capabilities.catch(() => {}) // whoever asks for them handles it
  }

  /**
   * Ask the engine. Rejects at once when the signal aborts, and when the worker ends before it answered.
   */
  call<T>(request: Request<T>, signal?: AbortSignal): Promise<T> {
    if (signal?.aborted) return Promise.reject(signal.reason)
    if (this.ended) return Promise.reject(this.ended)
    this.#calls += 1
    const call = this.#calls
    return new Promise<T>((resolve, reject) => {
      const settle = () => {
        this.#pending.delete(fail)
        signal?.removeEventListener('abort', abort)
      }
      const fail = (reason: unknown) => {
        settle()
        reject(reason)
        if (FATAL.some((kind) => reason instanceof kind) && !recoverable(reason)) this.end(reason as Error)
      }
      const abort = () => {
        fail(signal!.reason)
        this.tell((engine) => engine.cancel(call))
      }
      this.#pending.add(fail)
      signal?.addEventListener('abort', abort)
      request(this.#engine, call).then((value) => {
        settle()
        resolve(value)
      }, fail)
    })
  }

  /** Send what nobody waits for. */
  tell(message: (engine: Remote<Engine>) => Promise<unknown>) {
    if (!this.ended) message(this.#engine).catch(() => {}) // a worker that can't hear it has ended, which is noticed elsewhere
  }

  /** End the worker, and with it all the memory it held; what it had not answered rejects with the reason. */
  end(reason: Error) {
    if (this.ended) return
    this.ended = reason
    this.#watch.abort()
    this.#worker.terminate()
    for (const fail of [...this.#pending]) fail(reason)
  }

  /** No event tells that a worker was killed, but a lock it held is free then: whoever waits for that lock knows. */
  #watchOver() {
    this.call((engine) => engine.failure()).catch(() => {}) // a fatal error ends the connection in call()
    if (!globalThis.navigator.locks) return
    const lock = `webformers ${Math.random()}`
    const gone = () => this.end(new WorkerDiedError(`The worker was ended from outside. ${AGAIN}`))
    this.call((engine) => engine.hold(lock))
      .then(() => navigator.locks.request(lock, { signal: this.#watch.signal }, gone))
      .catch(() => {}) // no locks in this context, or no more need to watch
  }
}

const recoverable = (reason: unknown) => reason instanceof OutOfMemoryError && reason.recoverable

const AGAIN = 'The next call starts a new one.'
