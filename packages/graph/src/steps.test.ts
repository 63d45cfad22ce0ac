import { expect, test } from 'vitest'
import { finish, gradientSteps, input, programSteps, type Steps, type Target, type Tensor } from './index'

const target: Target = { device: 'wasm', fused: false, compute: 'float32', weights: 'float32' }
const DEPTH = 500

/** A layer upon another. */
function deep() {
  const x = input(['batch'])
  let y = x
  for (let i = 0; i < DEPTH; i++) y = y.mul(2).tanh()
  return { x, y }
}

function counted<T>(steps: Steps<T>): { count: number; result: T } {
  for (let count = 0; ; count++) {
    const { done, value } = steps.next()
    if (done) return { count, result: value }
  }
}

test('a page has its turn between any two nodes, while they are lowered and while they are written', () => {
  const { x, y } = deep()
  const { count, result } = counted(programSteps({ y }, { x }, new Map(), target))
  expect(count).toBeGreaterThan(2 * 2 * DEPTH)
  expect(result).toEqual(finish(programSteps({ y }, { x }, new Map(), target)))
})

test('and while they are differentiated, those that are computed again too', () => {
  const { x, y } = deep()
  const loss = y.sum([0])
  expect(counted(gradientSteps(loss, [x])).count).toBeGreaterThan(2 * DEPTH)
  const recompute: readonly { inputs: readonly Tensor[]; outputs: readonly Tensor[] }[] = [
    { inputs: [x], outputs: [y] },
  ]
  expect(counted(gradientSteps(loss, [x], { recompute })).count).toBeGreaterThan(2 * DEPTH)
})
