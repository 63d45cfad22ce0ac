import { InputError } from '@webformers/runtime'
import { expect, test } from 'vitest'
import { tensor } from '../tensor'
import { computeTransitionScores } from './transition-scores'

const scores = [
  [
    [0, 1, 2],
    [3, 4, 5],
  ],
  [
    [6, 7, 8],
    [9, 10, 11],
  ],
].map((step) => tensor(step, undefined, 'float32'))

test('each token has the score it was chosen by', () => {
  const sequences = tensor([
    [2, 1, 0],
    [2, 2, 1],
  ])
  expect(computeTransitionScores({ sequences, scores } as never)).toEqual(
    tensor(
      [
        [1, 6],
        [5, 10],
      ],
      undefined,
      'float32',
    ),
  )
})

test('tokens of a beam come of several rows, and none after its end', () => {
  const sequences = tensor([
    [2, 1, 0],
    [2, 2, 1],
  ])
  const beam_indices = tensor([
    [1, 0],
    [0, -1],
  ])
  expect([...computeTransitionScores({ sequences, scores, beam_indices } as never).data]).toEqual([
    4, 6, 2, 0,
  ])
})

test('scores become logarithms of probabilities where that is asked for', () => {
  const { data } = computeTransitionScores(
    { sequences: tensor([[1], [2]]), scores: scores.slice(0, 1) } as never,
    {
      normalizeLogits: true,
    },
  )
  const sum = Math.log(Math.exp(-2) + Math.exp(-1) + 1)
  expect([...data]).toEqual([-1 - sum, -sum].map((value) => expect.closeTo(value, 6)))
})

test('an output without scores is refused', () => {
  expect(() => computeTransitionScores({ sequences: tensor([[1]]) } as never)).toThrow(InputError)
})
