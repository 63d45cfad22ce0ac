/** @file A token at a time: the likeliest, or one drawn at random. */
import { argmax, rowsOf } from '../numeric'
import type { GenerationOutput } from '../output'
import type { Run } from '../run'
import { draw } from '../sampling'
import { repeated, Sequences } from '../sequences'

/** Greedy search, or multinomial sampling where `do_sample` says so. Like `_sample` in Python.
 * @param scoresOf what tokens are chosen by, where it is not what the model scores by itself */
export async function sample(
  run: Run,
  scoresOf: (rows: readonly Int32Array[]) => Promise<Float32Array> = (rows) => run.scores(rows),
): Promise<GenerationOutput> {
  const { settings } = run
  const sequences = new Sequences(repeated(run.prompts, settings.num_return_sequences), settings.max_length)
  const unfinished = sequences.rows.map(() => true)
  const random = run.random(unfinished.length)
  const padded = settings.eos_token_id.length > 0
  while (unfinished.includes(true)) {
    const { rows } = sequences
    const scores = await scoresOf(rows)
    const tokens = Int32Array.from(rowsOf(scores, rows.length), (row, i) => {
      if (padded && !unfinished[i]) return settings.pad_token_id!
      return settings.do_sample ? draw(row, random[i]!) : argmax(row)
    })
    sequences.append(tokens)
    run.sequences = sequences.rows
    run.tell(tokens)
    for (const [i, done] of (await run.finished(sequences.rows)).entries()) if (done) unfinished[i] = false
  }
  return run.recorder.output(sequences.rows)
}
