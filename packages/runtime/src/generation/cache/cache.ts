/** @file Keys and values of what was read. */
import type { CacheEntry } from '@webformers/graph'
import type { Session } from '../../session'
import type { PlainTensors } from '../../tensor'

/** What one text, or a batch of them, has left behind. */
export interface Cache {
  /** How many tokens each row has read, padding counted. */
  readonly length: number
  /** Serve another program of the same model from now on. */
  serve?(entries: readonly CacheEntry[]): void
  /** Compute outputs of what comes after; what is remembered next takes the place of what is remembered now. */
  run(session: Session, feeds: PlainTensors, outputs: readonly string[], added: number): Promise<PlainTensors>
  /** Row i goes on from what was row rows[i]; there may be more rows than before, or fewer. */
  reorder(rows: readonly number[]): void
  /** Forget all but the first `length` tokens of each row. */
  crop(length: number): void
  /** Whether what the next tokens see would still be there if all but the first `length` were forgotten. */
  reaches(length: number): boolean
  /** How many keys layers remember that see a window of so many. */
  remembered(window: number): number
  /** Forget what no window will see. */
  trim(): void
  /** What is remembered, for a file. */
  tensors(): Promise<Remembered>
  release(): void
}

/** Keys and values by the names of the inputs that hold them. */
export interface Remembered {
  readonly past: PlainTensors
  /** The first of those that are forgotten, by which a model knows them for its own. */
  readonly beginnings: PlainTensors
}
