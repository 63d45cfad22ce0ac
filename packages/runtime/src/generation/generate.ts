/** @file `generate`: finds the strategy that settings ask for, and lets it run. */
import { InputError } from '../errors'
import type { Hooks } from './hooks'
import type { Decoder } from './model'
import type { GenerationOutput } from './output'
import { withSequences } from './partial'
import { logitsProcessors } from './processors'
import { Run } from './run'
import type { GenerationRequest } from './settings'
import { stoppingCriteria } from './stopping'
import { assisted } from './strategies/assisted'
import { beamSearch } from './strategies/beams'
import { draftCandidates, promptLookup } from './strategies/candidates'
import { contrastive } from './strategies/contrastive'
import { dola } from './strategies/dola'
import { follow, follows } from './strategies/follow'
import { groupBeams } from './strategies/group-beams'
import { sample } from './strategies/sample'

/** The models of a generation. */
export interface Decoders {
  readonly decoder: Decoder
  /** The same model once more, for guidance: it reads what stands for the prompt. */
  readonly unconditional?: Decoder
  /** A smaller model of the same vocabulary, for assisted decoding. */
  readonly draft?: Decoder
}

/**
 * Let a model go on from prompts. When it ends with an error, such as that of a callback or of an abort, what there was so far is
 * kept on it as `sequences`.
 * @throws {InputError} @throws {ResponseFormatError} @throws {ExecutionError} and whatever a hook or the signal throws
 */
export async function generate(
  { decoder, unconditional, draft }: Decoders,
  request: GenerationRequest,
  hooks: Hooks = {},
  signal?: AbortSignal,
): Promise<GenerationOutput> {
  // What few calls ask for is loaded by those that do.
  const constraint = request.constraint && (await import('./constraint/processor')).constrained(request)
  const { speech } = request
  const times = speech?.timestamps && (await import('./speech/timestamps')).timestamps
  const processors = logitsProcessors(request, decoder.vocabulary, hooks, {
    unconditional,
    constraint,
    timestamps: times?.(speech!.timestamps!, request.prompts[0]!.length),
  })
  const finished = stoppingCriteria(request.settings, request.tokens, hooks.stoppingCriteria)
  const run = new Run(decoder, request, processors, finished, hooks, signal)
  try {
    const output = await strategyOf(run, draft)
    decoder.release?.() // others may wait for it, and not for the page
    await run.heard()
    if (!speech) return output
    const { withSpeech } = await import('./speech/told')
    return withSpeech(output, request, { vocabulary: decoder.vocabulary, no_speech_probs: run.noSpeech })
  } catch (error) {
    throw withSequences(error, run.sequences)
  }
}

function strategyOf(run: Run, draft: Decoder | undefined): Promise<GenerationOutput> {
  const { mode, prompt_lookup_num_tokens } = run.settings
  switch (mode) {
    case 'greedy_search':
      return follows(run) ? follow(run) : sample(run)
    case 'sample':
      return sample(run)
    case 'beam_search':
    case 'beam_sample':
      return beamSearch(run)
    case 'group_beam_search':
      return groupBeams(run)
    case 'contrastive_search':
      return contrastive(run)
    case 'dola_generation':
      return dola(run)
    case 'assisted_generation':
      if (prompt_lookup_num_tokens !== undefined)
        return assisted(run, promptLookup(run, prompt_lookup_num_tokens))
      if (!draft)
        throw new InputError('Assisted generation needs a draft model or promptLookupNumTokens; got neither.')
      return assisted(run, draftCandidates(run, draft))
  }
}
