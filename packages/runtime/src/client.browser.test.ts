import { input, type Program, program, type Tensor } from '@webformers/graph'
import { describe, expect, test, vi } from 'vitest'
import type { Device } from './adapter'
import { type Client, type ClientOptions, connect } from './client'
import { DeviceLostError, DisposedError, OutOfMemoryError, WorkerDiedError } from './errors'
import type { Fault } from './faulty.worker'
import type { LoadedProgram } from './loaded'
import type { PlainTensors } from './tensor'
import { safetensors } from './testing'

const files = { 'model.safetensors': safetensors({}) }
const numbers = (...values: number[]): PlainTensors => ({
  x: { dtype: 'float32', shape: [values.length], data: Float32Array.from(values) },
})
const traced = (make: (x: Tensor) => Tensor, device: Device = 'wasm'): Program => {
  const x = input(['n'])
  return program({ y: make(x) }, { x }, new Map(), {
    device,
    fused: true,
    compute: 'float32',
    weights: 'float32',
  })
}
const doubled = traced((x) => x.mul(2))
/** Products of matrices [n, n], enough of them to take a while. */
const slow = traced((x) => {
  const rows = x.unsqueeze(1).matmul(x.unsqueeze(0))
  return Array.from({ length: 40 })
    .reduce<Tensor>((product) => product.matmul(rows).mul(0), rows)
    .sum([1])
})
const many = numbers(...Array(400).fill(1))

const doubles = async (loaded: LoadedProgram) =>
  expect((await loaded.run(numbers(1, 2))).y).toEqual({
    dtype: 'float32',
    shape: [2],
    data: Float32Array.of(2, 4),
  })

/** A client whose workers break on command, and how many it had. */
function faulty(options: Partial<ClientOptions> = {}) {
  const workers: Worker[] = []
  const spawn = () => {
    const worker = new Worker(new URL('./faulty.worker.ts', import.meta.url), { type: 'module' })
    workers.push(worker)
    return worker
  }
  const client = connect({ device: 'wasm', spawn, ...options })
  return { client, workers, break: (fault: Fault) => workers.at(-1)!.postMessage({ fault }) }
}

const asked = vi.spyOn(navigator.locks, 'request')

/** How many workers of this page live: each holds a lock that the page waits for. */
async function living() {
  const ours = asked.mock.calls.map(([lock]) => lock)
  const { held = [] } = await navigator.locks.query()
  return held.filter(({ name }) => ours.includes(name!)).length
}
const workersAre = (count: number) =>
  vi.waitFor(async () => expect(await living()).toBe(count), { timeout: 20_000 })

describe('abort', () => {
  test('before a call: nothing is sent', async () => {
    await using client = connect({ device: 'wasm' })
    const signal = AbortSignal.abort(new Error('no need'))
    await expect(client.open({ signal })).rejects.toThrow('no need')
    await expect(client.load(doubled, files, { signal })).rejects.toThrow('no need')
  })

  test('while a model loads: the call ends, the client goes on', async () => {
    await using client = connect({ device: 'wasm' })
    const controller = new AbortController()
    const loading = client.load(doubled, files, { signal: controller.signal })
    controller.abort(new Error('changed my mind'))
    await expect(loading).rejects.toThrow('changed my mind')
    using loaded = await client.load(doubled, files)
    await doubles(loaded)
  })

  test('of a run that waits: it ends before those in front of it, which go on', async () => {
    await using client = connect({ device: 'wasm' })
    const [long, short] = [await client.load(slow, files), await client.load(doubled, files)]
    const order: string[] = []
    const first = long.run(many).then(() => order.push('first'))
    const controller = new AbortController()
    const waiting = short
      .run(numbers(1), { signal: controller.signal })
      .catch((error) => order.push(error.message))
    controller.abort(new Error('aborted'))
    await Promise.all([first, waiting])
    expect(order).toEqual(['aborted', 'first'])
    await doubles(short)
  })
})

describe('a worker that dies', () => {
  const kill: Record<string, (given: ReturnType<typeof faulty>) => void> = {
    'ended from outside': ({ workers }) => workers.at(-1)!.terminate(),
    'that closes itself': (given) => given.break('close'),
    'with an uncaught error': (given) => given.break('throw'),
  }
  test.each(Object.keys(kill))('%s rejects what is pending; the next call starts another', async (how) => {
    const given = faulty()
    await using client = given.client
    const loaded = await client.load(doubled, files)
    const long = await client.load(slow, files)
    const pending = [long.run(many), loaded.run(numbers(1))].map((call) => call.catch((error) => error))
    kill[how]!(given)
    for (const error of await Promise.all(pending)) expect(error).toBeInstanceOf(WorkerDiedError)
    expect(given.workers).toHaveLength(1)
    await doubles(loaded)
    expect(given.workers).toHaveLength(2)
  })

  test('whose script does not exist rejects', async () => {
    await using client = connect({
      device: 'wasm',
      spawn: () => new Worker('/nowhere.js', { type: 'module' }),
    })
    await expect(client.open()).rejects.toBeInstanceOf(WorkerDiedError)
  })

  test('because memory ran out starts again with all of it', async () => {
    const given = faulty()
    await using client = given.client
    const loaded = await client.load(doubled, files)
    const square = await client.load(
      traced((x) => x.unsqueeze(1).matmul(x.unsqueeze(0))),
      files,
    )
    // 4.293e9 bytes: all that 32 bits can address, less two megabytes.
    await expect(square.run(numbers(...Array(32760).fill(1)))).rejects.toBeInstanceOf(OutOfMemoryError)
    await doubles(loaded)
    expect(given.workers).toHaveLength(2)
  })
})

describe('a GPU device that is lost', () => {
  test('while a call is pending is a DeviceLostError; the next call loads the model again', async () => {
    const given = faulty({ device: 'webgpu' })
    await using client = given.client
    const loaded = await client.load(
      traced((x) => x.mul(2), 'webgpu'),
      files,
    )
    await doubles(loaded)
    given.break('lose device')
    await expect(loaded.run(numbers(1))).rejects.toBeInstanceOf(DeviceLostError)
    await doubles(loaded)
    expect(given.workers).toHaveLength(2)
  })

  test('while nothing is pending is not noticed by the next call', async () => {
    const given = faulty({ device: 'webgpu' })
    await using client = given.client
    const loaded = await client.load(
      traced((x) => x.mul(2), 'webgpu'),
      files,
    )
    given.break('lose device')
    await workersAre(0)
    await doubles(loaded)
  })
})

describe('side by side', () => {
  test('two clients compute at the same time', async () => {
    await using one = connect({ device: 'wasm' })
    await using other = connect({ device: 'wasm' })
    const [long, short] = await Promise.all([one.load(slow, files), other.load(doubled, files)])
    const order: string[] = []
    await Promise.all([
      long.run(many).then(() => order.push('long')),
      short.run(numbers(3)).then(({ y }) => order.push(`short ${y!.data}`)),
    ])
    expect(order).toEqual(['short 6', 'long'])
  })

  test('a worker keeps the two programs used last; a third makes room and all stay callable', async () => {
    const given = faulty()
    await using client = given.client
    const sent = vi.spyOn(given.workers[0]!, 'postMessage')
    const calls = (name: string) => sent.mock.calls.filter(([message]) => message.path?.[0] === name).length
    const programs = [2, 3, 4].map((factor) => traced((x) => x.mul(factor)))
    const [two, three, four] = await Promise.all(programs.map((each) => client.load(each, files)))
    const values = async (loaded: LoadedProgram) => [...(await loaded.run(numbers(1))).y!.data]
    expect(await values(two!)).toEqual([2])
    expect(await values(three!)).toEqual([3])
    expect(await values(four!)).toEqual([4])
    expect(calls('load') - calls('release')).toBe(2)
    const loads = calls('load')
    expect(await values(three!)).toEqual([3])
    expect(calls('load')).toBe(loads)
  })

  test('inputs stay with the caller, outputs are whole', async () => {
    await using client = connect({ device: 'wasm' })
    const loaded = await client.load(doubled, files)
    const all = Float32Array.of(9, 1, 2, 9)
    const x = { dtype: 'float32', shape: [2], data: all.subarray(1, 3) } as const
    const { y } = await loaded.run({ x })
    expect([...all]).toEqual([9, 1, 2, 9])
    expect([...y!.data]).toEqual([2, 4])
    expect(y!.data.buffer.byteLength).toBe(8)
  })
})

describe('dispose', () => {
  test('ends the worker and what it was doing', async () => {
    const client = connect({ device: 'wasm' })
    const long = await client.load(slow, files)
    await workersAre(1)
    const running = long.run(many)
    const rejected = expect(running).rejects.toBeInstanceOf(DisposedError)
    await client.dispose()
    await rejected
    await workersAre(0)
    await expect(long.run(many)).rejects.toBeInstanceOf(DisposedError)
    await expect(client.open()).rejects.toBeInstanceOf(DisposedError)
    await client.dispose()
  })

  test('of the last program ends the worker; loading another starts one', async () => {
    let client: Client | undefined
    {
      await using scoped = connect({ device: 'wasm' })
      client = scoped
      const [one, two] = await Promise.all([scoped.load(doubled, files), scoped.load(doubled, files)])
      one.dispose()
      await doubles(two)
      two.dispose()
      await workersAre(0)
      await expect(two.run(numbers(1))).rejects.toBeInstanceOf(DisposedError)
      await doubles(await scoped.load(doubled, files))
    }
    await workersAre(0)
    await expect(client.load(doubled, files)).rejects.toBeInstanceOf(DisposedError)
  })
})
