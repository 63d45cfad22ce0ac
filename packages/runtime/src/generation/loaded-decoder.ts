/** @file A model that generates, as the page holds it. */
import type { Remote } from 'comlink'
import type { Engine } from '../engine'
import { type CallOptions, type Host, Loaded } from '../loaded'
import type { LoadingInfo, WeightPolicy } from '../resolve'
import type { Prompt } from './decoder'
import type { DecodingProgram } from './decoder-program'
import type { Generated } from './decoding'
import type { Hooks } from './hooks'
import { pageHooks } from './page-hooks'
import { sequencesOf, withSequences } from './partial'
import type { GenerationRequest } from './settings'

export interface GenerateOptions extends CallOptions {
  readonly hooks?: Hooks
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
    { hooks: given = {}, signal }: GenerateOptions = {},
  ): Promise<Generated> {
    const { hooks, asked, failures } = pageHooks(given)
    try {
      return await this.host.ask(
        this,
        (engine, call) => engine.generate(call, this.id, prompt, request, hooks, asked),
        signal,
      )
    } catch (error) {
      throw failures.length > 0 ? withSequences(failures[0], sequencesOf(error)) : error
    }
  }
}
