import { MissingTensorError, WebformersError } from '@webformers/hub'
import { expose, wrap } from 'comlink'
import { afterAll, expect, test } from 'vitest'
import { IndexOutOfRangeError } from './errors'
import type { PlainTensors } from './tensor'
import { handOver, registerErrors } from './wire'

class UnheardOfError extends Error {
  override name = 'UnheardOfError'
}

const sent: PlainTensors = { x: { dtype: 'float32', shape: [2], data: Float32Array.of(1, 2) } }
const service = {
  known() {
    throw new MissingTensorError('no weight', { cause: new RangeError('inside') })
  },
  withFields() {
    throw new IndexOutOfRangeError('input_ids', [0, 3], 7, 5)
  },
  unknown() {
    throw Object.assign(new UnheardOfError('what'), { code: 7, callback: () => {} })
  },
  noError() {
    throw { reason: 'plain' }
  },
  tensors: () => handOver(sent),
}

registerErrors()
const { port1, port2 } = new MessageChannel()
expose(service, port1)
const remote = wrap<typeof service>(port2)
afterAll(() => {
  port1.close()
  port2.close()
})

const thrown = (call: () => Promise<unknown>) =>
  call().then(
    () => undefined,
    (error) => error,
  )

test('an error keeps its class, message, cause and stack', async () => {
  const error = await thrown(() => remote.known())
  expect(error).toBeInstanceOf(MissingTensorError)
  expect(error).toMatchObject({ name: 'MissingTensorError', message: 'no weight' })
  expect(error.cause).toEqual(new RangeError('inside'))
  expect(error.stack).toContain('wire.test.ts')
})

test('an error keeps its own fields', async () => {
  const error = await thrown(() => remote.withFields())
  expect(error).toBeInstanceOf(IndexOutOfRangeError)
  expect(error).toEqual(new IndexOutOfRangeError('input_ids', [0, 3], 7, 5))
  expect(error.position).toEqual([0, 3])
})

test('an error of an unknown class tells its name; what cannot be cloned is left behind', async () => {
  const error = await thrown(() => remote.unknown())
  expect(error).toBeInstanceOf(WebformersError)
  expect(error).toMatchObject({ name: 'WebformersError', message: 'UnheardOfError: what', code: 7 })
  expect(error).not.toHaveProperty('callback')
})

test('what is thrown need not be an error', async () => {
  expect(await thrown(() => remote.noError())).toEqual({ reason: 'plain' })
})

test('tensors are handed over', async () => {
  const { x } = await remote.tensors()
  expect(x).toEqual({ dtype: 'float32', shape: [2], data: Float32Array.of(1, 2) })
  expect(sent.x!.data.byteLength).toBe(0)
})
