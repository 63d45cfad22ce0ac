/** @file Long sound in pieces that overlap. */
import type { Chunking } from './options'

/** A piece of a sound. */
export interface Piece {
  readonly samples: Float32Array
  /** How many samples it has, and how many on each side are other pieces', too; of sound in one piece nothing. */
  readonly stride?: readonly [length: number, left: number, right: number]
}

/** Like `chunk_iter` in Python. */
export function piecesOf(sound: Float32Array, chunking: Chunking | undefined): Piece[] {
  if (!chunking) return [{ samples: sound }]
  const { length, left, right } = chunking
  const pieces: Piece[] = []
  for (let start = 0; start < sound.length; start += length - left - right) {
    const samples = sound.subarray(start, start + length)
    const isLast = start + length >= sound.length
    const before = start === 0 ? 0 : left
    if (samples.length > before)
      pieces.push({ samples, stride: [samples.length, before, isLast ? 0 : right] })
    if (isLast) break
  }
  return pieces
}
