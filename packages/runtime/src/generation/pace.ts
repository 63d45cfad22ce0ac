/** @file How many tokens of a prompt are read in one run: nothing is given up in the midst of one. */

/** What a run is about to read. */
export interface Reading {
  /** How many texts are read at once, and how many tokens of each were read before. */
  readonly rows: number
  readonly past: number
  /** Whether somebody waits for the end of the run, or may come to: it should take no longer than a moment. */
  readonly hurried: boolean
}

/** A moment, in milliseconds. */
const MOMENT = 80
/** Powers of two: kernels meet few shapes. Every run goes through all weights: with fewer tokens than the least, they take much longer
 * in all. */
const [LEAST, MOST] = [32, 128]
/** Every run goes through all that is remembered, too: with fewer tokens than one for so many of those, long texts would take ever longer. */
const REMEMBERED = 16

/** What is known of a model's pace, from the runs that it has made. */
export class Pace {
  readonly #now: () => number
  /** Tokens of all rows that a run reads in a moment. */
  #tokens = LEAST

  constructor(now = () => performance.now()) {
    this.#now = now
  }

  /** How many tokens of each row a run should read. */
  piece({ rows, past, hurried }: Reading): number {
    if (!hurried) return MOST
    const wanted = Math.max(LEAST, this.#tokens, rows * Math.ceil(past / REMEMBERED))
    return powerOfTwo(Math.min(MOST, Math.ceil(wanted / rows)))
  }

  /** Learn from a run that reads so many tokens, those of all rows. */
  async watch<T>(tokens: number, run: () => Promise<T>): Promise<T> {
    const begun = this.#now()
    const found = await run()
    if (tokens >= LEAST) this.#tokens = (tokens * MOMENT) / (this.#now() - begun)
    return found
  }
}

/** The pace of a model whose numbers depend on what is read together: always the same. */
export const steadyPace: Pick<Pace, 'piece' | 'watch'> = {
  piece: () => MOST,
  watch: (_, run) => run(),
}

/** The largest one that is not above a number. */
const powerOfTwo = (most: number) => 2 ** Math.floor(Math.log2(most))
