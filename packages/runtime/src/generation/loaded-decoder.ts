/** @file A model that generates, as the page holds it. */
import type { DecodingProgram } from '@webformers/graph'
import type { Remote } from 'comlink'
import type { Engine } from '../engine'
import { type CallOptions, type Host, Loaded } from '../loaded'
import type { LoadingInfo, WeightPolicy } from '../resolve'
import type { CacheReference } from './cache/kept-cache'
import type { Prompt } from './decoder'
import type { Generated } from './decoding'
import type { Hooks } from './hooks'
import { pageHooks } from './page-hooks'
import { sequencesOf, withSequences } from './partial'
import type { GenerationRequest } from './settings'

export interface GenerateOptions extends CallOptions {
  readonly hooks?: Hooks
  /** A smaller model in the same worker, for assisted decoding. */
  readonly draft?: LoadedDecoder
  /** What it goes on from, and keeps what it reads in. */
  readonly cache?: CacheReference
}

export class LoadedDecoder extends Loaded<LoadingInfo> {
  /** What its checkpoint lacked. */
  info: LoadingInfo = { missing_keys: [], unexpected_keys: [], mismatched_keys: [] }

  constructor(
    host: Host,
    id: number,
    readonly program: DecodingProgram,
    readonly files: Record<string, Blob>,
    readonly policy: WeightPolicy | undefined,
  ) {
    super(host, id)
  }

  request(engine: Remote<Engine>, call: number) {
    return engine.decode(call, this.id, this.program, this.files, this.policy)
  }

  /**
   * Generate in the worker. What a hook throws ends it, and is thrown here. What there was so far is kept on an error, as `sequences`.
   * @throws {InputError} @throws {IndexOutOfRangeError} @throws {SequenceTooLongError} @throws {ExecutionError}
   * @throws {OutOfMemoryError} @throws {WorkerDiedError} @throws {DeviceLostError} @throws {DisposedError}
   */
  async generate(
    prompt: Prompt,
    request: GenerationRequest,
    { hooks: given = {}, draft, cache, signal }: GenerateOptions = {},
  ): Promise<Generated> {
    const heard = signal && new Heard(request.prompts)
    const { hooks, asked, failures } = pageHooks(heard ? heard.listening(given) : given)
    const ask = async (engine: Remote<Engine>, call: number) => {
      const sent = withoutKnown(request, engine)
      const ids = { model: this.id, draft: draft?.id, cache, abortable: signal !== undefined }
      const generated = await engine.generate(call, ids, prompt, sent, hooks, asked)
      if (request.constraint) knownTo(engine).add(request.constraint.tokenizer)
      return generated
    }
    try {
      const own = () => this.host.ask(this, ask, signal)
      return await (draft ? this.host.ask(draft, own, signal) : own())
    } catch (error) {
      if (failures.length > 0) throw withSequences(failures[0], sequencesOf(error))
      // Who aborts does not wait for what the worker would tell.
      throw heard && signal?.aborted ? withSequences(error, sequencesOf(error) ?? heard.sequences) : error
    }
  }

  /** How many tokens of each row a cache holds in this model's worker; none where the worker was lost. */
  async cacheLength(id: number): Promise<number> {
    return (await this.host.askWorker((engine) => engine.cacheLength(id))) ?? 0
  }

  /** What a cache holds, as a file; nothing where the worker was lost. */
  saveCache(id: number, length?: number): Promise<Blob | undefined> {
    return this.host.askWorker((engine, call) => engine.saveCache(call, id, length))
  }

  /** Free what the encoder gave last. */
  releaseEncoding() {
    this.host.askWorker((engine) => engine.releaseEncoding(this.id)).catch(() => {})
  }

  /** Free a cache. */
  releaseCache(id: number) {
    this.host.askWorker((engine) => engine.releaseCache(id)).catch(() => {}) // with its worker it is free, too
  }
}

/** The tokenizers whose tokens a worker has; they are megabytes, and cross once. */
const tokenizers = new WeakMap<object, Set<number>>()

function knownTo(engine: Remote<Engine>): Set<number> {
  const known = tokenizers.get(engine) ?? new Set()
  tokenizers.set(engine, known)
  return known
}

function withoutKnown(request: GenerationRequest, engine: Remote<Engine>): GenerationRequest {
  const { constraint } = request
  if (!constraint || !knownTo(engine).has(constraint.tokenizer)) return request
  return { ...request, constraint: { ...constraint, tokens: undefined } }
}

/** What the page was told of a generation. */
class Heard {
  readonly #rows: number[][]

  constructor(prompts: readonly Int32Array[]) {
    this.#rows = prompts.map((row) => [...row])
  }

  listening(hooks: Hooks): Hooks {
    const onTokens = (tokens: Int32Array) => {
      const [only, ...others] = this.#rows
      if (others.length === 0) only!.push(...tokens)
      else for (const [i, row] of this.#rows.entries()) row.push(tokens[i]!)
      return hooks.onTokens?.(tokens)
    }
    return { ...hooks, onTokens }
  }

  get sequences(): Int32Array[] {
    return this.#rows.map((row) => Int32Array.from(row))
  }
}
