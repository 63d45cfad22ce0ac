/** @file Diverse beam search: groups of beams, each kept from saying what earlier groups say. "Diverse Beam Search: Decoding Diverse
 * Solutions from Neural Sequence Models" */
import { largest, logSoftmax, rowsOf } from '../numeric'
import type { GenerationOutput } from '../output'
import { HammingDiversity } from '../processors/diversity'
import type { Run } from '../run'
import { extended } from '../sequences'
import type { GenerationSettings } from '../settings'
import { accumulated } from './beams'

interface Beam {
  readonly tokens: Int32Array
  readonly score: number
  /** For each token after the prompt, the row that it was chosen in. */
  readonly rows: readonly number[]
}

/** The beams of one group for one prompt. */
interface Group {
  running: readonly Beam[]
  /** Finished sequences without their ends, as many as the group has beams. */
  readonly finished: Hypotheses
  done: boolean
}

/** The best finished sequences. Like `BeamHypotheses` in Python. */
class Hypotheses {
  readonly beams: Beam[] = []

  constructor(
    readonly size: number,
    readonly settings: GenerationSettings,
  ) {}

  get worst(): number {
    return Math.min(...this.beams.map(({ score }) => score))
  }

  /** @param made how many tokens count for the length, an end included */
  add(beam: Beam, made: number) {
    const score = beam.score / made ** this.settings.length_penalty
    if (this.beams.length >= this.size && score <= this.worst) return
    this.beams.push({ ...beam, score })
    if (this.beams.length > this.size)
      this.beams.splice(
        this.beams.findIndex(({ score }) => score === this.worst),
        1,
      )
  }

  /** Whether no running sequence can become better. */
  isDone(bestSum: number, made: number, promptLength: number): boolean {
    const { early_stopping, length_penalty, max_length } = this.settings
    if (this.beams.length < this.size) return false
    if (early_stopping === true) return true
    const length = early_stopping === 'never' && length_penalty > 0 ? max_length - promptLength : made
    return this.worst >= bestSum / length ** length_penalty
  }
}

/** Like `_group_beam_search` in Python, whose `beam_indices` are those of the first group; here each group has its own. */
export async function groupBeams(run: Run): Promise<GenerationOutput> {
  const { settings, prompts, recorder } = run
  const { num_beams, num_beam_groups } = settings
  const size = num_beams / num_beam_groups
  const diversity = run.processors.find((processor) => processor instanceof HammingDiversity)!
  const groups: Group[][] = prompts.map((tokens) =>
    Array.from({ length: num_beam_groups }, () => ({
      running: Array.from({ length: size }, (_, i) => ({ tokens, score: i === 0 ? 0 : -1e9, rows: [] })),
      finished: new Hypotheses(size, settings),
      done: false,
    })),
  )
  const sequences = () => groups.flat().flatMap(({ running }) => running.map(({ tokens }) => tokens))

  for (let made = 1; ; made++) {
    const logits = await run.read(sequences())
    recorder.step(run.decoder.outputs?.(), prompts.length * num_beams)
    recorder.logits(logits)
    const scores = logits
    for (const row of rowsOf(scores, prompts.length * num_beams)) logSoftmax(row)
    const taken: number[][] = prompts.map(() => [])
    for (let g = 0; g < num_beam_groups; g++) {
      diversity.taken = taken
      const ofGroup = groups.map((of) => of[g]!)
      const firsts = prompts.map((_, prompt) => prompt * num_beams + g * size)
      await processRows(
        run,
        ofGroup.flatMap(({ running }) => running.map(({ tokens }) => tokens)),
        scores,
        firsts,
        size,
      )
      for (const [prompt, group] of ofGroup.entries()) {
        advance(run, group, scores, firsts[prompt]!, made)
        taken[prompt]!.push(...group.running.map(({ tokens }) => tokens.at(-1)!))
      }
    }
    recorder.scores(scores)
    run.sequences = groups.map(([first]) => first!.running[0]!.tokens)
    const finished = await run.finished(sequences())
    if (groups.flat().every(({ done }) => done) || finished.every(Boolean)) {
      for (const group of groups.flat())
        if (!group.done) for (const beam of group.running) group.finished.add(beam, made)
      return finalOutput(run, groups)
    }
    await run.reorder(groups.flat().flatMap(({ running }) => running.map(({ rows }) => rows.at(-1)!)))
  }
}

/** Process the scores of one group's beams, which lie apart where there are several prompts. */
async function processRows(
  run: Run,
  tokens: readonly Int32Array[],
  scores: Float32Array,
  firsts: readonly number[],
  size: number,
) {
  const length = size * run.vocabulary
  const part = new Float32Array(firsts.length * length)
  for (const [i, first] of firsts.entries())
    part.set(scores.subarray(first * run.vocabulary, first * run.vocabulary + length), i * length)
  await run.process(tokens, part)
  for (const [i, first] of firsts.entries())
    scores.set(part.subarray(i * length, (i + 1) * length), first * run.vocabulary)
}

/** A step of one group: what ends is put aside, and the best of the others go on. */
function advance(
  { settings, vocabulary, promptLength }: Run,
  group: Group,
  scores: Float32Array,
  first: number,
  made: number,
) {
  const { eos_token_id: eos, pad_token_id } = settings
  const { running, finished } = group
  if (group.done) {
    // Its places in the batch go on with padding, which nobody reads.
    group.running = running.map((beam, i) => ({
      tokens: extended(beam.tokens, pad_token_id!),
      score: 0,
      rows: [...beam.rows, first + i],
    }))
    return
  }
  const sums = accumulated(running, scores, first, vocabulary)
  const places = largest(sums, Math.max(2, 1 + eos.length) * running.length)
  const next: Beam[] = []
  for (const [rank, at] of places.entries()) {
    const index = Math.floor(at / vocabulary)
    const { tokens, rows } = running[index]!
    const token = at % vocabulary
    const beam = { tokens, score: sums[at]!, rows: [...rows, first + index] }
    if (!eos.includes(token)) next.push({ ...beam, tokens: extended(tokens, token) })
    else if (rank < running.length) finished.add(beam, made)
    if (next.length === running.length) break
  }
  group.running = next
  group.done = finished.isDone(sums[places[0]!]!, made, promptLength)
}

/** The best sequences of all groups, with an end where there is room for one. */
function finalOutput(
  { settings, recorder, promptLength }: Run,
  groups: readonly Group[][],
): GenerationOutput {
  const { num_return_sequences, max_length, eos_token_id, pad_token_id } = settings
  const best = groups.flatMap((of) => {
    // Of equal ones the last.
    const all = of.flatMap(({ finished }) => finished.beams).reverse()
    return all.sort((a, b) => b.score - a.score).slice(0, num_return_sequences)
  })
  const length = Math.min(Math.max(...best.map(({ tokens }) => tokens.length)) + 1, max_length)
  return recorder.output(
    best.map(({ tokens }) => {
      const row = new Int32Array(length).fill(pad_token_id ?? -1)
      row.set(tokens)
      if (tokens.length < length) row[tokens.length] = eos_token_id[0]!
      return row
    }),
    {
      ...(settings.output_scores && { sequences_scores: Float32Array.from(best, ({ score }) => score) }),
      beam_indices: best.map(({ rows }) => {
        const row = new Int32Array(length - promptLength).fill(-1)
        row.set(rows)
        return row
      }),
    },
  )
}
