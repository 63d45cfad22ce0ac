/** @file torch's random numbers: the same seed gives the same draws as `torch.Generator` on the CPU. */

const SIZE = 624
const SHIFT = 397

/** A generator's whole state, as `postMessage` and IndexedDB take it. */
export interface GeneratorState {
  readonly words: Uint32Array
  readonly position: number
}

/**
 * A source of random numbers. Like `torch.Generator` on the CPU, a Mersenne Twister (MT19937).
 * @example
 * new Generator(42).randperm(5) // Int32Array [0, 1, 3, 2, 4]
 * torch.randperm(5, generator=torch.Generator().manual_seed(42)) // the same in Python
 */
export class Generator {
  private readonly words = new Uint32Array(SIZE)
  private position = SIZE

  /** @param seed default: one that nobody can guess. */
  constructor(seed: number | bigint = crypto.getRandomValues(new Uint32Array(1))[0]!) {
    this.manualSeed(seed)
  }

  /** Begin anew; of a larger seed only the low 32 bits count, as in torch. Like `Generator.manual_seed`. */
  manualSeed(seed: number | bigint): this {
    const { words } = this
    words[0] = Number(BigInt.asUintN(32, BigInt(seed)))
    for (let i = 1; i < SIZE; i++) {
      const last = words[i - 1]! ^ (words[i - 1]! >>> 30)
      words[i] = Math.imul(1812433253, last) + i
    }
    this.position = SIZE
    return this
  }

  /** A copy of where it stands. Like `Generator.get_state`. */
  getState(): GeneratorState {
    return { words: this.words.slice(), position: this.position }
  }

  /** Go on from there. Like `Generator.set_state`. */
  setState({ words, position }: GeneratorState): this {
    this.words.set(words)
    this.position = position
    return this
  }

  /** 32 random bits. */
  random32(): number {
    if (this.position === SIZE) this.refill()
    let word = this.words[this.position++]!
    word ^= word >>> 11
    word ^= (word << 7) & 0x9d2c5680
    word ^= (word << 15) & 0xefc60000
    return (word ^ (word >>> 18)) >>> 0
  }

  /** 64 random bits. */
  random64(): bigint {
    const high = BigInt(this.random32())
    return (high << 32n) | BigInt(this.random32())
  }

  /** What seeds the order of an epoch in Python: `torch.empty((), dtype=torch.int64).random_()`. */
  randomSeed(): bigint {
    return BigInt.asUintN(63, this.random64())
  }

  /** From 0 to 1, with the 24 bits a float32 holds. Like `torch.rand(())`. */
  rand(): number {
    return (this.random32() & 0xffffff) / 2 ** 24
  }

  /** From 0 to 1, with 53 bits. Like `torch.rand((), dtype=torch.float64)`. */
  rand64(): number {
    const high = this.random32() & 0x1fffff
    return (high * 2 ** 32 + this.random32()) / 2 ** 53
  }

  /** Whether something of this probability happens. Like `torch.bernoulli` of a float32 tensor, one value of it. */
  bernoulli(probability: number): boolean {
    return this.rand() < Math.fround(probability)
  }

  /** A whole number from 0 to `high`, which is left out. Like `torch.randint(high, ())`. */
  randint(high: number): number {
    return high < 2 ** 28 ? this.random32() % high : Number(this.random64() % BigInt(high))
  }

  /** The numbers from 0 to n − 1 in random order. Like `torch.randperm(n)`, exactly for n below 2 · 10⁸. */
  randperm(n: number): Int32Array<ArrayBuffer> {
    const order = new Int32Array(n)
    for (let i = 0; i < n; i++) order[i] = i
    for (let i = 0; i < n - 1; i++) {
      // Whole numbers of 32 bits on both sides: else V8 divides floats.
      const other = i + (this.random32() % ((n - i) >>> 0))
      const value = order[i]!
      order[i] = order[other]!
      order[other] = value
    }
    return order
  }

  private refill(): void {
    const { words } = this
    const mix = (word: number, next: number, other: number) => {
      const mixed = (word & 0x80000000) | (next & 0x7fffffff)
      return other ^ (mixed >>> 1) ^ (mixed & 1 ? 0x9908b0df : 0)
    }
    for (let i = 0; i < SIZE - SHIFT; i++) words[i] = mix(words[i]!, words[i + 1]!, words[i + SHIFT]!)
    for (let i = SIZE - SHIFT; i < SIZE - 1; i++) {
      words[i] = mix(words[i]!, words[i + 1]!, words[i + SHIFT - SIZE]!)
    }
    words[SIZE - 1] = mix(words[SIZE - 1]!, words[0]!, words[SHIFT - 1]!)
    this.position = 0
  }
}
