/** @file Numbers that look drawn at random and are the same for the same seed. */

/** splitmix32: what its state grows by with each number, and what mixes the state. */
export const SPLITMIX = { step: 0x9e3779b9, first: 0x21f0aaad, second: 0x735a2d97 } as const

/** Numbers from 0 to below 1: splitmix32. */
export function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + SPLITMIX.step) | 0
    let t = state ^ (state >>> 16)
    t = Math.imul(t, SPLITMIX.first)
    t ^= t >>> 15
    t = Math.imul(t, SPLITMIX.second)
    return ((t ^ (t >>> 15)) >>> 0) / 2 ** 32
  }
}

/** A seed out of a name: FNV-1a. */
export function hash(text: string): number {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  return value
}
