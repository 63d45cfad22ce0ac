/** @file Byte-pair encoding as SentencePiece itself does it: any two neighbours that make a piece, the best score first. */
import type { Steps } from '@webformers/hub'
import { unitsAt } from '../text/characters'
import { Heap } from './merge'
import type { Word } from './model'
import { type CompiledVocabulary, Vocabulary } from './vocabulary'

export interface CompiledSentencePieceBpe {
  type: 'SentencePieceBPE'
  vocabulary: CompiledVocabulary
  /** By piece: how many have a better score. */
  ranks: Int32Array<ArrayBuffer>
  /** Pieces that are cut again once all is merged. */
  unused: number[]
}

const STEP = 8192

/** @param symbols never merge: the longest one that a text goes on with. */
export function sentencePieceBpe(
  { vocabulary: compiled, ranks, unused }: CompiledSentencePieceBpe,
  symbols: (text: string, at: number) => number,
): (text: string) => Steps<Word> {
  const vocabulary = new Vocabulary(compiled)
  const isUnused = new Set(unused)

  return function* (text) {
    const starts: number[] = []
    const ends: number[] = []
    const frozen: boolean[] = []
    for (let at = 0; at < text.length; ) {
      const length = symbols(text, at)
      starts.push(at)
      at += length || unitsAt(text, at)
      ends.push(at)
      frozen.push(length > 0)
    }
    const count = starts.length
    const next = Int32Array.from(starts, (_, i) => i + 1)
    const before = Int32Array.from(starts, (_, i) => i - 1)
    /** Where an unused piece is joined, by its text. */
    const joints = new Map<string, number>()
    const heap = new Heap(count)
    const pieceOf = (left: number, right: number) => vocabulary.find(text, starts[left]!, ends[right]!)
    const offer = (left: number) => {
      const right = left < 0 ? count : next[left]!
      if (right >= count || frozen[left] || frozen[right]) return
      const piece = pieceOf(left, right)
      if (piece === -1) return
      heap.push(ranks[piece]!, left)
      if (isUnused.has(piece))
        joints.set(text.slice(starts[left]!, ends[right]!), ends[left]! - starts[left]!)
    }
    for (let i = 0; i < count; i++) {
      offer(i)
      if (i % STEP === STEP - 1) yield
    }
    for (let merges = 1; heap.size > 0; merges++) {
      const { rank, position: left } = heap
      heap.pop()
      if (merges % STEP === 0) yield
      const right = next[left]!
      // An entry whose symbols have changed since it was pushed.
      if (ends[left] === -1 || right >= count) continue
      const piece = pieceOf(left, right)
      if (piece === -1 || ranks[piece] !== rank) continue
      ends[left] = ends[right]!
      ends[right] = -1
      next[left] = next[right]!
      if (next[left]! < count) before[next[left]!] = left
      offer(before[left]!)
      offer(left)
    }
    const word = { ids: [] as number[], starts: [] as number[], ends: [] as number[] }
    const push = (start: number, end: number): void => {
      const id = vocabulary.find(text, start, end)
      const joint = isUnused.has(id) ? joints.get(text.slice(start, end)) : undefined
      if (joint === undefined) {
        word.ids.push(id)
        word.starts.push(start)
        word.ends.push(end)
      } else {
        push(start, start + joint)
        push(start + joint, end)
      }
    }
    for (let i = 0; i < count; i = next[i]!) push(starts[i]!, ends[i]!)
    return word
  }
}
