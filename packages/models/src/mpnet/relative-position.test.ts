import { expect, test } from 'vitest'
import { relativePositionBucket } from './relative-position'

// Where MPNetEncoder.relative_position_bucket of transformers 4.57.6 changes, over torch.arange(-600, 601).
const borders = [
  [-600, 15],
  [-90, 14],
  [-63, 13],
  [-45, 12],
  [-31, 11],
  [-22, 10],
  [-15, 9],
  [-11, 8],
  [-7, 7],
  [-6, 6],
  [-5, 5],
  [-4, 4],
  [-3, 3],
  [-2, 2],
  [-1, 1],
  [0, 0],
  [1, 17],
  [2, 18],
  [3, 19],
  [4, 20],
  [5, 21],
  [6, 22],
  [7, 23],
  [8, 24],
  [12, 25],
  [16, 26],
  [23, 27],
  [32, 28],
  [46, 29],
  [64, 30],
  [91, 31],
] as const

test('every distance falls into the bucket that torch gives it', () => {
  const changes: [number, number][] = []
  for (let distance = -600; distance <= 600; distance++) {
    const bucket = relativePositionBucket(distance)
    if (bucket !== changes.at(-1)?.[1]) changes.push([distance, bucket])
  }
  expect(changes).toEqual(borders)
})
