/** @file A model that generates, in its worker: sessions over its weights, and the generations that go on in turns. */
import { type DecodingProgram, initializersOnnx } from '@webformers/graph'
import { openCheckpoint } from '@webformers/hub'
import { smallInputs } from '../inputs'
import { type LoadingInfo, resolveParameters, type WeightPolicy } from '../resolve'
import type { Runtime, Session } from '../session'
import { concatenate, type PlainTensors } from '../tensor'
import { piecesOf, placeWeights, strictPolicy } from '../weights'
import { Batches, BatchMember } from './batch'
import type { Cache } from './cache/cache'
import type { CacheReference, KeptCache } from './cache/kept-cache'
import { RememberingDecoder } from './cache/remembering'
import { restore } from './cache/restore'
import { type Prompt, SessionDecoder, type Turns } from './decoder'
import { Encodings } from './encodings'
import { generate } from './generate'
import type { Hooks } from './hooks'
import type { GenerationOutput } from './output'
import { Pace, steadyPace } from './pace'
import { RotaryTables } from './rotary-tables'
import type { GenerationRequest } from './settings'

/** What a generation gives, and what the encoder gave to who asked. */
export interface Generated extends GenerationOutput {
  readonly encoder: PlainTensors
  /** How many tokens of each row the cache holds that was given. */
  readonly cached?: number
}

/** One call. */
export interface Generation {
  readonly turns: Turns
  readonly prompt: Prompt
  readonly request: GenerationRequest
  readonly hooks: Hooks
  /** A smaller model that guesses, for assisted decoding. */
  readonly draft: Decoding | undefined
  /** A cache that outlives the generation, and what is asked of it. */
  readonly kept?: { readonly cache: KeptCache; readonly reference: CacheReference }
  readonly signal: AbortSignal
}

export class Decoding {
  readonly #program: DecodingProgram
  readonly #encode: Session | undefined
  readonly #decode: Session
  readonly #gpu: GPUDevice | undefined
  readonly #tables: RotaryTables | undefined
  /** Whether a number depends on what is computed beside it: those of 8 bits are rounded by the largest of all. */
  readonly #rounds: boolean
  readonly #pace: Pick<Pace, 'piece' | 'watch'>
  readonly #batches = new Batches()
  /** What other generations over the same inputs need not compute again. */
  readonly encodings = new Encodings()

  private constructor(program: DecodingProgram, sessions: readonly Session[], gpu: GPUDevice | undefined) {
    this.#program = program
    ;[this.#decode, this.#encode] = sessions as [Session, Session?]
    this.#gpu = gpu
    this.#tables = gpu && new RotaryTables(gpu, program)
    this.#rounds = program.decode.parameters.some(({ dtype }) => dtype === 'int8')
    this.#pace = this.#rounds ? steadyPace : new Pace()
  }

  /**
   * Make sessions of the programs and the checkpoint that holds their weights; tells what the checkpoint lacked.
   * @throws {MissingTensorError} @throws {TensorShapeError} @throws {CorruptCheckpointError} @throws {OutOfMemoryError}
   */
  static async load(
    runtime: Runtime,
    program: DecodingProgram,
    files: Record<string, Blob>,
    given: WeightPolicy | undefined,
    signal: AbortSignal,
  ): Promise<{ decoding: Decoding; info: LoadingInfo }> {
    const programs = [program.decode, ...(program.encode ? [program.encode] : [])]
    const parameters = programs.flatMap((each) => each.parameters)
    const used = new Set(parameters.flatMap(piecesOf).map(({ sources }) => sources[0]!))
    const policy = given ?? strictPolicy({ parameters })
    const checkpoint = await openCheckpoint(files)
    const { entries, info } = resolveParameters(checkpoint.entries, policy, used)
    const sessions: Session[] = []
    try {
      for (const { onnx, parameters: needed } of programs) {
        signal.throwIfAborted()
        const { initializers, files: mounted } = placeWeights(needed, entries)
        sessions.push(await runtime.createSession(concatenate(onnx, initializersOnnx(initializers)), mounted))
      }
      const decoding = new Decoding(program, sessions, runtime.gpu)
      // The first runs on a GPU compile its shaders, those of one token and those of several; the user's should not be the first.
      if (runtime.gpu) await decoding.#warmUp()
      return { decoding, info }
    } catch (error) {
      for (const session of sessions) await session.release()
      throw error
    }
  }

  async #warmUp() {
    const tokens = new Int32Array(WARM)
    const { encode, decode } = this.#program
    const inputs = encode ? smallInputs(encode) : {}
    const text = { keep: [new Uint8Array(WARM).fill(1)], inputs }
    const decoder = await this.#begin((job) => job(), text)
    try {
      const several = decode.limits.total === undefined || decode.limits.total > WARM
      await decoder.read([several ? tokens : tokens.subarray(0, 1)])
      if (several) await decoder.read([tokens.subarray(0, 1)])
    } finally {
      decoder.release()
    }
  }

  #begin(turns: Turns, prompt: Prompt, cache?: Cache): Promise<SessionDecoder> {
    const sessions = {
      encode: this.#encode,
      decode: this.#decode,
      gpu: this.#gpu,
      tables: this.#tables,
      pace: this.#pace,
    }
    return SessionDecoder.begin(this.#program, sessions, turns, prompt, this.encodings, cache)
  }

  /** Whether there are outputs besides scores and what is remembered. */
  get #tells(): boolean {
    const { cache, decode } = this.#program
    const presents = cache.map(({ present }) => present)
    return Object.keys(decode.outputs).some((name) => !['logits', 'tokens', ...presents].includes(name))
  }

  /** Generate; every run of a session waits for its turn. */
  async generate(generation: Generation): Promise<Generated> {
    const { turns, prompt, request, hooks, draft, signal, kept } = generation
    const others: SessionDecoder[] = []
    const beginOther = async (decoding: Decoding, from: Prompt) => {
      const decoder = await decoding.#begin(own, from)
      others.push(decoder)
      return decoder
    }
    const own = wantedTurns(turns, signal)
    const begin = (cache?: Cache) => this.#begin(own, prompt, cache)
    const decoder = this.#shares(generation)
      ? await this.#join(generation)
      : kept
        ? await kept.cache.resume(kept.reference, prompt, request, {
            begin,
            // A GPU's kernel takes of several rows one token each, and what is given of all tokens comes of one run.
            resumes: (rows) => !(this.#gpu && rows > 1 && this.#tells),
            restore: (saved) =>
              restore(saved, { program: this.#program, gpu: this.#gpu }, (keep) =>
                this.#begin(own, { ...prompt, keep }),
              ),
          })
        : await begin()
    try {
      const guided = request.settings.guidance_scale !== 1
      const decoders = {
        decoder,
        unconditional: guided ? await beginOther(this, unprompted(prompt, request)) : undefined,
        draft: draft && (await beginOther(draft, { ...prompt, parameters: {} })),
      }
      const output = await generate(decoders, request, hooks, signal)
      return {
        ...output,
        encoder: decoder instanceof SessionDecoder ? decoder.encoderOutputs : {},
        ...(decoder instanceof RememberingDecoder && { cached: decoder.length }),
      }
    } finally {
      if (decoder instanceof RememberingDecoder) kept!.cache.take(decoder)
      else decoder.release()
      for (const other of others) other.release()
    }
  }

  /** Whether a generation can be one of a batch: rows stay where they are, and nothing depends on those of others. */
  #shares({ prompt, request: { settings }, hooks, draft, kept }: Generation): boolean {
    const { encode } = this.#program
    const { mode, guidance_scale, num_return_sequences } = settings
    const waits = Object.keys(hooks).some((name) => name !== 'onTokens')
    return (
      (mode === 'greedy_search' || mode === 'sample') &&
      guidance_scale === 1 &&
      num_return_sequences === 1 &&
      Object.keys(prompt.parameters ?? {}).length === 0 &&
      !(kept || draft || encode || waits || this.#rounds || this.#tells)
    )
  }

  #join({ turns, prompt, signal }: Generation): Promise<BatchMember> {
    const like = JSON.stringify([prompt.keep[0]!.length, prompt.caching])
    const turn = async () => {
      await new Promise((resolve) => setTimeout(resolve)) // calls that a page makes at once come one by one
      await turns.soon?.()
      signal.throwIfAborted()
    }
    return this.#batches.join(like, new BatchMember(prompt, signal), turn, (joint, wanted) => {
      const check = () => {
        if (!wanted()) throw signal.reason
      }
      return this.#begin(turnsWhile(turns, check), joint)
    })
  }

  async release() {
    await this.#decode.release()
    await this.#encode?.release()
    this.#tables?.release()
  }
}

/** Turns that are given up when `check` throws. */
const turnsWhile = (turns: Turns, check: () => void): Turns =>
  Object.assign(
    <T>(job: () => Promise<T>) =>
      turns(() => {
        check()
        return job()
      }),
    { hurried: turns.hurried, soon: turns.soon },
  )

const wantedTurns = (turns: Turns, signal: AbortSignal) => turnsWhile(turns, () => signal.throwIfAborted())

/** What stands for the prompt reads as much as it has, nothing of it padding. */
const unprompted = (prompt: Prompt, { negativePrompts, prompts }: GenerationRequest): Prompt => ({
  ...prompt,
  keep: (negativePrompts ?? prompts).map(() => new Uint8Array()),
})

/** Kernels for matrices of more rows than 8 are others than those for fewer. */
const WARM = 16
