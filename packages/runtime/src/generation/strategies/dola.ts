/** @file DoLa: what the last layer knows better than an early one. "DoLa: Decoding by Contrasting Layers Improves Factuality" */
import { InputError } from '../../errors'
import type { PlainTensors } from '../../tensor'
import { logSoftmax, max, rowOf, rowsOf, softmax } from '../numeric'
import type { GenerationOutput } from '../output'
import type { Run } from '../run'
import { sample } from './sample'

/** Tokens less likely than this part of the likeliest are left out. */
const RELATIVE_TOP = Math.fround(Math.log(0.1))

/** Like `_dola_decoding` in Python. */
export const dola = (run: Run): Promise<GenerationOutput> =>
  sample(run, async (rows) => {
    const final = await run.read(rows)
    const outputs = run.decoder.outputs?.() ?? {}
    run.recorder.step(outputs, rows.length)
    run.recorder.logits(final)
    const early = earlyScores(run, outputs).map((layer) => run.spread(layer, rows.length))
    const base = early[farthest(final, early, rows.length)]!
    for (const [i, row] of rowsOf(final, rows.length).entries()) contrast(row, rowOf(base, i, run.vocabulary))
    await run.process(rows, final)
    run.recorder.scores(final)
    return final
  })

function earlyScores({ request: { earlyOutputs = [] } }: Run, outputs: PlainTensors): Float32Array[] {
  const found = earlyOutputs.map((name) => outputs[name]?.data as Float32Array | undefined)
  if (found.length > 0 && found.every((scores) => scores !== undefined)) return found
  throw new InputError(
    `DoLa contrasts the scores of early layers; the decoder gives ${Object.keys(outputs).join(', ') || 'none'}, expected ${earlyOutputs.join(', ') || 'one at least'}.`,
  )
}

/** The layer that thinks most unlike the last one: by the Jensen-Shannon divergence of all rows together. */
function farthest(final: Float32Array, early: readonly Float32Array[], rows: number): number {
  let [most, at] = [Number.NEGATIVE_INFINITY, 0]
  for (const [i, layer] of early.entries()) {
    const [ours, theirs] = [rowsOf(final, rows), rowsOf(layer, rows)]
    const sum = ours.reduce((total, row, r) => total + divergence(row, theirs[r]!), 0)
    if (sum > most) [most, at] = [sum, i]
  }
  return at
}

function divergence(ours: Float32Array, theirs: Float32Array): number {
  const [p, q] = [softmax(ours), softmax(theirs)]
  const [logP, logQ] = [logSoftmax(ours.slice()), logSoftmax(theirs.slice())]
  let sum = 0
  for (let i = 0; i < p.length; i++) {
    const mean = (p[i]! + q[i]!) / 2
    if (mean > 0) sum += mean * (2 * Math.log(mean) - logP[i]! - logQ[i]!)
  }
  return sum
}

/** Scores become how much more the last layer thinks of a token than the early one, in place. */
function contrast(final: Float32Array, base: Float32Array) {
  logSoftmax(final)
  const early = logSoftmax(base.slice())
  const least = Math.fround(max(final) + RELATIVE_TOP)
  for (let i = 0; i < final.length; i++)
    final[i] = final[i]! < least ? Number.NEGATIVE_INFINITY : final[i]! - early[i]!
}
