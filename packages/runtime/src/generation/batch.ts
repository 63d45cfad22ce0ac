/** @file Generations that began at the same time, as rows of one batch: a processor reads all weights once for all of them. Each
 * is a decoder of its own to its strategy; what all of them ask for is computed in one run. */
import type { Prompt, SessionDecoder } from './decoder'
import type { Decoder } from './model'
import { argmax, rowsOf } from './numeric'

/** What the strategy of a generation asks its decoder for. */
interface Asked {
  readonly tokens: readonly Int32Array[]
  /** Of one that follows the likeliest tokens: for how many steps, and until which tokens. */
  readonly steps?: { readonly most: number; readonly ends: readonly number[] }
}
/** What it gets: scores, or tokens of each step. */
interface Answer {
  readonly scores?: Float32Array
  readonly found?: Int32Array[]
}
interface Pending extends Asked {
  resolve(answer: Answer): void
  reject(error: unknown): void
}

/** Makes a decoder of prompts; the members' runs wait for their turns while any of them is wanted. */
export type Begin = (prompt: Prompt, wanted: () => boolean) => Promise<SessionDecoder>

/** Several generations over one decoder. */
class Batch {
  readonly #begin: Begin
  readonly #decoder: SessionDecoder
  /** Whose rows the decoder has, in their order; some may have left. */
  #rows: readonly BatchMember[]
  readonly #pending = new Map<BatchMember, Pending>()
  #running = false

  private constructor(begin: Begin, decoder: SessionDecoder, members: readonly BatchMember[]) {
    this.#begin = begin
    this.#decoder = decoder
    this.#rows = members
  }

  static async of(begin: Begin, members: readonly BatchMember[]): Promise<Batch> {
    const [{ prompt }] = members as [BatchMember]
    const keep = members.flatMap((member) => member.prompt.keep)
    const wanted = () => members.some((member) => !member.left && !member.signal.aborted)
    return new Batch(begin, await begin({ ...prompt, keep }, wanted), members)
  }

  get decoder(): SessionDecoder {
    return this.#decoder
  }

  ask(member: BatchMember, asked: Asked): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#pending.set(member, { ...asked, resolve, reject })
      this.run()
    })
  }

  /** Compute what is asked for, once all who are left have asked. */
  async run() {
    const members = this.#rows.filter(({ left }) => !left)
    if (members.length === 0) return this.#running || this.#decoder.release()
    if (this.#running || members.some((member) => !this.#pending.has(member))) return
    this.#running = true
    const asked = members.map((member) => this.#pending.get(member)!)
    this.#pending.clear()
    try {
      await this.#drop(members)
      for (const [i, answer] of (await this.#compute(asked)).entries()) asked[i]!.resolve(answer)
    } catch (error) {
      if (this.#decoder.length > 0 || members.length === 1) for (const { reject } of asked) reject(error)
      else await this.#separate(members, asked)
    } finally {
      this.#running = false
    }
    if (members.every(({ left }) => left)) this.#decoder.release()
  }

  async #drop(members: readonly BatchMember[]) {
    if (members.length === this.#rows.length) return
    const places = this.#rows.flatMap((member) => member.prompt.keep.map(() => member))
    await this.#decoder.reorder([...places.keys()].filter((row) => members.includes(places[row]!)))
    this.#rows = members
  }

  async #compute(asked: readonly Asked[]): Promise<Answer[]> {
    const tokens = asked.flatMap((each) => each.tokens)
    const begins = asked.map((_, i) => asked.slice(0, i).reduce((sum, each) => sum + each.tokens.length, 0))
    const all = asked.map(({ steps }) => steps)
    if (this.#decoder.follow && all.every((steps) => steps !== undefined)) {
      const most = Math.min(...all.map((steps) => steps.most))
      const ends = [...new Set(all.flatMap((steps) => steps.ends))]
      const found = await this.#decoder.follow(tokens, most, ends)
      return asked.map(({ tokens: { length } }, i) => ({
        found: found.map((step) => step.slice(begins[i]!, begins[i]! + length)),
      }))
    }
    const scores = rowsOf(await this.#decoder.read(tokens), tokens.length)
    return asked.map(({ tokens: { length }, steps }, i) => {
      const own = scores.slice(begins[i]!, begins[i]! + length)
      if (steps) return { found: [Int32Array.from(own, argmax)] }
      const data = new Float32Array(own.length * own[0]!.length)
      for (const [row, values] of own.entries()) data.set(values, row * values.length)
      return { scores: data }
    })
  }

  /** What is wrong with the prompt of one is not the others' fault, and all of them may be too many. */
  async #separate(members: readonly BatchMember[], asked: readonly Pending[]) {
    this.#decoder.release()
    for (const [i, member] of members.entries()) {
      try {
        member.batch = await Batch.of(this.#begin, [member])
        member.batch.ask(member, asked[i]!).then(asked[i]!.resolve, asked[i]!.reject)
      } catch (error) {
        asked[i]!.reject(error)
      }
    }
  }
}

/** One generation of a batch. */
export class BatchMember implements Decoder {
  /** Whether it needs nothing more. */
  left = false
  follow?: Decoder['follow']
  #batch: Batch | undefined

  constructor(
    readonly prompt: Prompt,
    readonly signal: AbortSignal,
  ) {}

  get batch(): Batch {
    return this.#batch!
  }
  set batch(batch: Batch) {
    this.#batch = batch
    if (batch.decoder.follow)
      this.follow = async (tokens, most, ends) =>
        (await this.batch.ask(this, { tokens, steps: { most, ends } })).found!
  }

  get vocabulary() {
    return this.batch.decoder.vocabulary
  }

  async read(tokens: readonly Int32Array[]): Promise<Float32Array> {
    return (await this.batch.ask(this, { tokens })).scores!
  }

  async reorder(): Promise<void> {
    throw new TypeError('The rows of a batch of generations stay where they are.')
  }
  crop() {
    throw new TypeError('What a batch of generations has read stays read.')
  }

  /** Let the others go on alone. */
  release() {
    if (this.left) return
    this.left = true
    this.#batch?.run()
  }
}

interface Waiting {
  readonly like: string
  readonly member: BatchMember
  batch?: Promise<Batch>
}

/** So many rows at most: what they read of their prompts is in memory at once. */
const MOST = 8

/** Where generations wait for others like them. */
export class Batches {
  #waiting: Waiting[] = []

  /**
   * A decoder for a generation, which others may share.
   * @param like what those have in common that can share
   * @param turn comes when the wait is over
   */
  async join(
    like: string,
    member: BatchMember,
    turn: () => Promise<void>,
    begin: Begin,
  ): Promise<BatchMember> {
    const own: Waiting = { like, member }
    this.#waiting.push(own)
    try {
      await turn()
      if (!own.batch) {
        const alike = this.#alike(own)
        const batch = Batch.of(
          begin,
          alike.map((each) => each.member),
        )
        batch.catch(() => {}) // whoever is of it handles it
        for (const each of alike) each.batch = batch
        this.#waiting = this.#waiting.filter((each) => !alike.includes(each))
      }
      member.batch = await own.batch!
      return member
    } catch (error) {
      this.#waiting = this.#waiting.filter((each) => each !== own)
      const leave = (batch: Batch) => {
        member.batch = batch
        member.release()
      }
      own.batch?.then(leave, () => {}) // there is nothing to leave
      throw error
    }
  }
  /** Those that share a batch with one, itself among them. */
  #alike(own: Waiting): Waiting[] {
    const found = [own]
    for (const each of this.#waiting) {
      const rows = [...found, each].reduce((sum, { member }) => sum + member.prompt.keep.length, 0)
      if (each !== own && each.like === own.like && rows <= MOST && !each.member.signal.aborted)
        found.push(each)
    }
    return found
  }
}
