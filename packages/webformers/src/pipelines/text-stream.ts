/** @file What a model writes, as it comes, as the text that the whole answer will have. */
import { OptionError } from '../errors'
import { Queue } from '../generation/stream'
import type { ModelInputs } from '../inputs'
import { beginningOf, type PromptRow, promptBatch } from './generate-rows'
import { inForce, type Settled } from './generation-options'
import type { Context } from './task'

export interface TextStream {
  readonly row: PromptRow
  /** What the model reads besides. */
  readonly beside?: ModelInputs
  readonly call: Settled<unknown>
  readonly skipSpecialTokens: boolean
  readonly cleanUpTokenizationSpaces: boolean
  /** Whether the text goes on from the prompt's, with which its spaces are decided. */
  readonly goesOn: boolean
}

/** Beams that nobody asked for in the call are left out: which one wins is known at the end. */
const WITHOUT_BEAMS = {
  numBeams: 1,
  numBeamGroups: 1,
  diversityPenalty: 0,
  earlyStopping: false,
  lengthPenalty: 1,
}

/** @throws {OptionError} when the call asks for beams or for several answers */
export async function* streamText(
  { row, beside, call, skipSpecialTokens, cleanUpTokenizationSpaces, goesOn }: TextStream,
  { model, tokenizer, signal }: Context,
): AsyncGenerator<string, void> {
  if (call.options.streamer)
    throw new OptionError('A stream is a streamer already. Give a streamer to the call, or read the stream.')
  if ((inForce(call, 'num_return_sequences') ?? 1) > 1)
    throw new OptionError('One answer can be streamed at a time. Set numReturnSequences to 1.')
  const text = tokenizer.decodeStream({ skipSpecialTokens, cleanUpTokenizationSpaces })
  let unsaid = goesOn ? tokenizer.decode(row.ids, { skipSpecialTokens, cleanUpTokenizationSpaces }).length : 0
  if (goesOn) for (const id of row.ids) unsaid -= text.step(id)?.length ?? 0
  const left = new AbortController()
  const coming = new Queue<Int32Array>()
  let prompts = 1
  const streamer = {
    put: (tokens: Int32Array) => {
      if (prompts-- <= 0) coming.add(tokens)
    },
  }
  const beams = call.values.num_beams !== undefined ? {} : WITHOUT_BEAMS
  const beginning = beginningOf(row, call)
  const inputs: ModelInputs = { ...promptBatch([beginning], true, 0), ...beside }
  model
    .generate(inputs, {
      ...beams,
      ...call.options,
      returnDictInGenerate: false,
      streamer,
      tokenizer,
      signal: AbortSignal.any([left.signal, ...(signal ? [signal] : [])]),
    })
    .then(
      () => coming.end(),
      (error) => coming.end(error),
    )
  try {
    for await (const tokens of coming) for (const token of tokens) yield* said(text.step(token))
    yield* said(text.flush())
  } finally {
    left.abort()
  }

  /** What is the prompt's was not certain before. */
  function* said(piece: string | undefined): Generator<string, void> {
    const rest = piece?.slice(Math.max(unsaid, 0))
    unsaid -= piece?.length ?? 0
    if (rest) yield rest
  }
}
