/** @file Beam search: several sequences are followed at once, and the best as a whole win. */
import { largest, rowOf } from '../numeric'
import type { GenerationOutput } from '../output'
import type { Run } from '../run'
import { drawSeveral } from '../sampling'
import { extended } from '../sequences'

/** A sequence with the sum of its tokens' logarithms, or with its final score; scores are in single precision, as torch's. */
interface Beam {
  readonly tokens: Int32Array
  readonly score: number
  /** For each token after the prompt, the row that it was chosen in. */
  readonly rows: readonly number[]
}
/** A beam that has ended, or keeps the place of one. */
interface FinalBeam extends Beam {
  readonly ended: boolean
}

/** What is added to the score of what must not win. In single precision it swallows small differences, as it does in torch. */
const OUT = -1e9

const best = <B extends Beam>(beams: readonly B[], count: number): B[] =>
  Array.from(
    largest(
      Float32Array.from(beams, ({ score }) => score),
      count,
    ),
    (at) => beams[at]!,
  )

/** Beam search, or beam sampling where `do_sample` says so. Like `_beam_search` in Python. */
export async function beamSearch(run: Run): Promise<GenerationOutput> {
  const { settings, prompts, promptLength } = run
  const { num_beams: beams, early_stopping, length_penalty } = settings
  // Enough that as many as there are beams do not end.
  const kept = Math.max(2, 1 + settings.eos_token_id.length) * beams
  const random = run.random(prompts.length)
  const starts = (of: (first: boolean) => number) =>
    prompts.map((tokens) =>
      Array.from({ length: beams }, (_, i) => ({ tokens, score: of(i === 0), rows: [] })),
    )
  // At first all beams are alike, so only one of them may win.
  let running: Beam[][] = starts((first) => (first ? 0 : OUT))
  let final: FinalBeam[][] = starts(() => OUT).map((group) =>
    group.map((beam) => ({ ...beam, ended: false })),
  )
  let improvable = prompts.map(() => true)

  for (let made = 1; ; made++) {
    const scores = await run.scores(
      running.flat().map(({ tokens }) => tokens),
      { asLogs: true },
    )
    const candidates = running.map((group, prompt) => {
      const sums = accumulated(group, scores, prompt * beams, run.vocabulary)
      const places = settings.do_sample ? drawSeveral(sums, kept, random[prompt]!) : largest(sums, kept)
      return Array.from(places, (at): Beam => {
        const beam = Math.floor(at / run.vocabulary)
        const { tokens, rows } = group[beam]!
        return {
          tokens: extended(tokens, at % run.vocabulary),
          score: sums[at]!,
          rows: [...rows, prompt * beams + beam],
        }
      })
    })
    const ends = await run.finished(candidates.flat().map(({ tokens }) => tokens))
    const endsOf = (prompt: number) => ends.slice(prompt * kept, (prompt + 1) * kept)

    running = candidates.map((group, prompt) => {
      const hits = endsOf(prompt)
      return best(
        group.map((beam, i) => (hits[i] ? { ...beam, score: Math.fround(beam.score + OUT) } : beam)),
        beams,
      )
    })
    const penalty = Math.fround(made ** length_penalty)
    final = final.map((group, prompt) => {
      const hits = endsOf(prompt)
      const full = early_stopping === true && group.every(({ ended }) => ended)
      const ended = candidates[prompt]!.map((beam, i): FinalBeam => {
        const wins = Boolean(hits[i]) && i < beams
        const outs = [full, !improvable[prompt], !wins].filter(Boolean)
        const score = outs.reduce((sum) => Math.fround(sum + OUT), Math.fround(beam.score / penalty))
        return { ...beam, score, ended: wins }
      })
      // Of what is out alike the newest stays, so that there is something to give where nothing ever ends.
      return best([...ended, ...group], beams)
    })
    run.sequences = final.map((group, prompt) => (group[0]!.ended ? group[0]! : running[prompt]![0]!).tokens)

    const hypothetical =
      early_stopping === 'never' && length_penalty > 0 ? settings.max_length - promptLength : made
    const divisor = Math.fround(hypothetical ** length_penalty)
    improvable = improvable.map((still, prompt) => {
      const group = final[prompt]!
      const attainable = Math.fround(running[prompt]![0]!.score / divisor)
      const worst = Math.min(...group.map(({ score }) => score))
      return still && group.some(({ ended }) => attainable > (ended ? worst : OUT))
    })
    const allEnded = final.every((group) => group.every(({ ended }) => ended))
    if (!improvable.includes(true) || (allEnded && early_stopping === true) || ends.every(Boolean)) break
    await run.reorder(running.flat().map(({ rows }) => rows.at(-1)!))
  }
  return finalOutput(
    run,
    final.flatMap((group) => group.slice(0, settings.num_return_sequences)),
  )
}

/** Sums of what beams had and what their next tokens add: [beams × vocabulary]. */
export function accumulated(
  beams: readonly { readonly score: number }[],
  scores: Float32Array,
  firstRow: number,
  vocabulary: number,
): Float32Array {
  const sums = scores.slice(firstRow * vocabulary, (firstRow + beams.length) * vocabulary)
  for (const [i, { score }] of beams.entries()) {
    const row = rowOf(sums, i, vocabulary)
    for (let token = 0; token < vocabulary; token++) row[token] = row[token]! + score
  }
  return sums
}

/** The sequences, as long as the longest of them. */
function finalOutput({ settings, promptLength, recorder }: Run, beams: readonly Beam[]): GenerationOutput {
  const { eos_token_id, pad_token_id } = settings
  // Like Python, for which a padding of 0 is none.
  const pad = (eos_token_id.length > 0 ? pad_token_id || eos_token_id[0] : pad_token_id) ?? -1
  const made = Math.max(...beams.map(({ rows }) => rows.length))
  const filled = (length: number, rest: number, values: ArrayLike<number>) => {
    const row = new Int32Array(length).fill(rest)
    row.set(values)
    return row
  }
  return recorder.output(
    beams.map(({ tokens }) => filled(promptLength + made, pad, tokens)),
    {
      ...(settings.output_scores && { sequences_scores: Float32Array.from(beams, ({ score }) => score) }),
      beam_indices: beams.map(({ rows }) => filled(made, -1, rows)),
    },
  )
}
