/** @file The numbers that torch draws on a CPU: MT19937, for what has to be drawn as Python draws it. */

const [SIZE, SHIFT] = [624, 397]

/** Whole numbers from 0 to below 2^32. Like `torch.Generator().manual_seed(seed)`, which uses the seed's lower 32 bits. */
export function mersenneTwister(seed: number): () => number {
  const state = new Uint32Array(SIZE)
  state[0] = seed
  for (let i = 1; i < SIZE; i++) {
    const last = state[i - 1]!
    state[i] = Math.imul(1812433253, last ^ (last >>> 30)) + i
  }
  let at = SIZE
  const twist = () => {
    for (let i = 0; i < SIZE; i++) {
      const mixed = (state[i]! & 0x80000000) | (state[(i + 1) % SIZE]! & 0x7fffffff)
      state[i] = state[(i + SHIFT) % SIZE]! ^ (mixed >>> 1) ^ (mixed & 1 ? 0x9908b0df : 0)
    }
    at = 0
  }
  return () => {
    if (at === SIZE) twist()
    let y = state[at++]!
    y ^= y >>> 11
    y ^= (y << 7) & 0x9d2c5680
    y ^= (y << 15) & 0xefc60000
    return (y ^ (y >>> 18)) >>> 0
  }
}

/** The first `count` of the numbers from 0 to below `size` in a random order. Like `torch.randperm(size, generator=…)[:count]`. */
export function permutation(size: number, draw: () => number, count = size): Int32Array {
  const order = Int32Array.from({ length: size }, (_, i) => i)
  for (let i = 0; i < Math.min(count, size - 1); i++) {
    const other = i + (draw() % (size - i))
    const value = order[i]!
    order[i] = order[other]!
    order[other] = value
  }
  return order.subarray(0, count)
}
