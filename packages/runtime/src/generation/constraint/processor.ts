/** @file The processor that keeps outputs to a form: what can't follow is never chosen, and an end only where the form is whole. */
import { ResponseFormatError } from '../../errors'
import { rowsOf } from '../numeric'
import { type LogitsProcessor, NEVER } from '../processors/processor'
import type { GenerationRequest } from '../settings'
import { compile } from './compile'
import type { State } from './machine'
import type { Masks } from './masks'

/** What is known of a sequence: the ways it may go on. */
interface Known {
  /** Nothing where no sequence of the form begins like this, as beams without a chance may. */
  readonly state: State | undefined
  readonly ended: boolean
  readonly next: Map<number, Known>
}

/** @throws {ResponseFormatError} when the form can't be read, can't be enforced, or allows nothing */
export function constrained({ constraint, settings, prompts }: GenerationRequest): LogitsProcessor {
  const masks = compile(constraint!)
  const { eos_token_id: ends, forced_bos_token_id, num_beams } = settings
  const promptLength = prompts[0]!.length
  // A token that is forced to come first is none of the output.
  const begin = promptLength + (promptLength === 1 && forced_bos_token_id !== undefined ? 1 : 0)
  const root: Known = { state: masks.machine.start, ended: false, next: new Map() }
  return {
    process(rows, scores) {
      const left = rowsOf(scores, rows.length).map((row, i) => {
        const sequence = rows[i]!
        if (sequence.length < begin) return true
        const known = follow(masks, root, sequence.subarray(begin), ends)
        if (known.ended) return true
        if (known.state) return allow(masks, known.state, row, ends)
        row.fill(NEVER)
        return num_beams > 1
      })
      // Of beams, some may have nowhere to go.
      const stuck = num_beams > 1 ? left.length > 0 && !left.includes(true) : left.includes(false)
      if (stuck)
        throw new ResponseFormatError(
          'No token is left that responseFormat allows: other options forbid all of them, such as minNewTokens, badWordsIds or a logitsProcessor, ' +
            'or the vocabulary has no tokens for what has to follow.',
        )
    },
  }
}

function follow(masks: Masks, root: Known, tokens: Int32Array, ends: readonly number[]): Known {
  let known = root
  for (const token of tokens) {
    if (known.ended) return known
    let next = known.next.get(token)
    if (!next) {
      const ended = ends.includes(token) && known.state?.complete === true
      const state = ended || ends.includes(token) ? undefined : known.state && masks.step(known.state, token)
      next = { state: state ?? undefined, ended, next: new Map() }
      known.next.set(token, next)
    }
    known = next
  }
  return known
}

/** Forbid all but what may follow; tells whether anything may. */
function allow(masks: Masks, state: State, scores: Float32Array, ends: readonly number[]): boolean {
  const { bits } = masks.of(state)
  const kept = state.complete ? ends.map((end) => scores[end]!) : []
  for (const end of ends) if (end < scores.length) scores[end] = NEVER
  let any = false
  for (let word = 0; word * 32 < scores.length; word++) {
    const allowed = bits[word] ?? 0
    const last = Math.min(word * 32 + 32, scores.length)
    if (allowed === 0) {
      scores.fill(NEVER, word * 32, last)
      continue
    }
    for (let token = word * 32; token < last; token++) {
      if (((allowed >>> (token & 31)) & 1) === 0) scores[token] = NEVER
      else any ||= scores[token] !== NEVER
    }
  }
  for (const [i, score] of kept.entries()) {
    scores[ends[i]!] = score
    any ||= score !== NEVER
  }
  return any
}
