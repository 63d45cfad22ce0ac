/** @file The symbols of a word while they are merged: columns that grow, and are used again for the next word. */
import type { Word } from './model'

export class Symbols {
  length = 0
  ids = new Int32Array(64)
  starts = new Int32Array(64)
  ends = new Int32Array(64)

  push(id: number, start: number, end: number): void {
    if (this.length === this.ids.length) this.resize(this.length * 2)
    this.ids[this.length] = id
    this.starts[this.length] = start
    this.ends[this.length++] = end
  }

  /** The symbols as the tokens of a word. */
  take(): Word {
    const { length, ids, starts, ends } = this
    const copy = (column: Int32Array) => {
      const result = new Array<number>(length)
      for (let i = 0; i < length; i++) result[i] = column[i]!
      return result
    }
    return { ids: copy(ids), starts: copy(starts), ends: copy(ends) }
  }

  private resize(capacity: number): void {
    const resized = (column: Int32Array<ArrayBuffer>) => {
      const result = new Int32Array(capacity)
      result.set(column)
      return result
    }
    this.ids = resized(this.ids)
    this.starts = resized(this.starts)
    this.ends = resized(this.ends)
  }
}
