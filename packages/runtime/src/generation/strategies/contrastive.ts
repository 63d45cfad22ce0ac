/** @file Contrastive search: likely tokens that are not too much like those before. "A Contrastive Framework for Neural Text Generation" */
import { InputError } from '../../errors'
import { largest, rowOf, rowsOf, softmax } from '../numeric'
import { type GenerationOutput, gathered } from '../output'
import type { Run } from '../run'
import { extended, repeated, Sequences } from '../sequences'

/** Like `_contrastive_search` in Python. */
export async function contrastive(run: Run): Promise<GenerationOutput> {
  const { settings, prompts, vocabulary, recorder, decoder } = run
  const { pad_token_id, penalty_alpha } = settings
  const k = Math.min(settings.top_k, vocabulary)
  const alpha = Math.fround(penalty_alpha!)
  const sequences = new Sequences(prompts, settings.max_length)
  const unfinished = prompts.map(() => true)
  let logits = await run.read(prompts)
  let outputs = decoder.outputs?.() ?? {}
  const contexts = contextsOf(run)

  while (unfinished.includes(true)) {
    run.check()
    const { rows } = sequences
    recorder.step(outputs, rows.length)
    recorder.logits(logits)
    await run.process(rows, logits)
    recorder.scores(logits)
    const probabilities = rowsOf(logits, rows.length).map((row) => softmax(row))
    const candidates = probabilities.map((row) => largest(row, k))

    // All candidates of a row are read at once, and what the others left is dropped.
    await run.reorder(repeated([...rows.keys()], k))
    const tried = rows.flatMap((row, i) => Array.from(candidates[i]!, (token) => extended(row, token)))
    const following = await run.reader.read(tried)
    const hidden = rowsOf(hiddenOf(run), tried.length).map(normalized)
    const chosen = rows.map((_, i) => {
      const merits = Float32Array.from(candidates[i]!, (token, c) => {
        const likeness = Math.max(...contexts[i]!.map((context) => dot(context, hidden[i * k + c]!)))
        return Math.fround((1 - alpha) * probabilities[i]![token]!) - Math.fround(alpha * likeness)
      })
      return largest(merits, 1)[0]!
    })
    const kept = chosen.map((c, i) => i * k + c)
    outputs = gathered(decoder.outputs?.() ?? {}, kept)
    await run.reorder(kept)
    logits = new Float32Array(rows.length * vocabulary)
    for (const [i, c] of chosen.entries()) {
      logits.set(rowOf(following, i * k + c, vocabulary), i * vocabulary)
      contexts[i]!.push(hidden[i * k + c]!)
    }

    const tokens = Int32Array.from(chosen, (c, i) =>
      unfinished[i] || settings.eos_token_id.length === 0 ? candidates[i]![c]! : pad_token_id!,
    )
    sequences.append(tokens)
    run.sequences = sequences.rows
    run.tell(tokens)
    for (const [i, done] of (await run.finished(sequences.rows)).entries()) if (done) unfinished[i] = false
  }
  return recorder.output(sequences.rows)
}

/** The last hidden states of what was read last. */
function hiddenOf({ decoder, request: { hiddenOutput = '' } }: Run): Float32Array {
  const outputs = decoder.outputs?.() ?? {}
  const hidden = outputs[hiddenOutput]
  if (hidden) return hidden.data as Float32Array
  throw new InputError(
    `Contrastive search compares hidden states; the decoder gives ${Object.keys(outputs).join(', ') || 'none'}, expected "${hiddenOutput}".`,
  )
}

/** The directions of the hidden states of each prompt's tokens, padding left out. */
const contextsOf = (run: Run): Float32Array[][] =>
  rowsOf(hiddenOf(run), run.prompts.length).map((row, i) =>
    rowsOf(row, run.promptLength)
      .map(normalized)
      .filter((_, position) => run.request.promptMasks?.[i]?.[position] !== 0),
  )

function normalized(vector: Float32Array): Float32Array {
  const length = Math.sqrt(dot(vector, vector))
  return vector.map((value) => value / length)
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}
