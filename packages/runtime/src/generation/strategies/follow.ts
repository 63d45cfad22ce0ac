/** @file Greedy search several tokens at a time, where nothing but the likeliest token counts: caches stay where they are. */
import type { GenerationOutput } from '../output'
import type { Run } from '../run'
import { Sequences } from '../sequences'

/** Whether nothing looks at scores, and nothing but a token or a length ends a sequence. */
export const follows = ({ decoder, settings, processors, hooks, request: { speech } }: Run): boolean =>
  decoder.follow !== undefined &&
  processors.every(({ forbidden }) => forbidden && decoder.forbids) &&
  !(speech?.token_logprobs || speech?.no_speech) &&
  hooks.stoppingCriteria === undefined &&
  settings.num_return_sequences === 1 &&
  settings.stop_strings.length === 0 &&
  settings.max_time === undefined &&
  !(settings.do_sample || settings.output_scores || settings.output_logits)

/** Tokens that are forbidden next, and for how many steps these and no others are. */
function forbiddenAlike({ processors }: Run, length: number, most: number) {
  const after = (tokens: number) => processors.flatMap(({ forbidden }) => forbidden!(tokens))
  const forbidden = after(length)
  let count = 1
  while (count < most && String(after(length + count)) === String(forbidden)) count++
  return { forbidden, count }
}

/** Tokens come in portions of about so many milliseconds: soon enough to be read, and to be given up. */
const PORTION = 120
const MOST = 16

/** What `sample` gives where `follows` holds. */
export async function follow(run: Run): Promise<GenerationOutput> {
  const { settings, prompts } = run
  const { eos_token_id: ends, pad_token_id, max_length } = settings
  const sequences = new Sequences(prompts, max_length)
  const unfinished = prompts.map(() => true)
  let most = 1
  while (unfinished.includes(true) && sequences.length < max_length) {
    run.check()
    const begun = performance.now()
    const left = Math.min(most, max_length - sequences.length)
    const { forbidden, count } = forbiddenAlike(run, sequences.length, left)
    const steps = await run.reader.follow(sequences.rows, count, ends, forbidden)
    for (const found of steps) {
      const tokens = found.map((token, row) => (unfinished[row] ? token : pad_token_id!))
      sequences.append(tokens)
      run.tell(tokens)
      for (const [row, token] of tokens.entries()) if (ends.includes(token)) unfinished[row] = false
    }
    run.sequences = sequences.rows
    const each = (performance.now() - begun) / steps.length
    most = Math.max(1, Math.min(2 * most, MOST, Math.floor(PORTION / each)))
  }
  return run.recorder.output(sequences.rows)
}
