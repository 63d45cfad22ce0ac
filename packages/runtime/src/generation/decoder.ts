/** @file A model that goes on from what it has read, over sessions of onnxruntime. */
import type { DecodingProgram, Program } from '@webformers/graph'
import { prepareFeeds } from '../inputs'
import type { Session } from '../session'
import type { PlainTensor, PlainTensors } from '../tensor'
import type { Cache } from './cache/cache'
import { mapTensors, rowsOf } from './cache/host-cache'
import { growing, openCache } from './cache/open-cache'
import type { Encoding, Encodings } from './encodings'
import type { Decoder } from './model'
import type { Pace } from './pace'
import { forbid } from './processors/processor'
import type { RotaryTables } from './rotary-tables'

export interface Sessions {
  readonly encode: Session | undefined
  readonly decode: Session
  readonly gpu: GPUDevice | undefined
  readonly tables: RotaryTables | undefined
  readonly pace: Pick<Pace, 'piece' | 'watch'>
}

/** What is read at first. */
export interface Prompt {
  /** For each row of the decoder's, 0 where its tokens are padding; the first tokens that are read are meant. */
  readonly keep: readonly Uint8Array[]
  /** The inputs of the encoder, by name; none where there is no encoder. */
  readonly inputs: PlainTensors
  /** Inputs that are the same in all runs: weights that were added to the model. */
  readonly parameters?: PlainTensors
  readonly caching?: Caching
  /** Set where other generations read what the encoder makes of the same inputs. */
  readonly encoding?: Encoding
}

/** How what is read is kept. */
export interface Caching {
  /** `dynamic` where nobody says otherwise. */
  readonly implementation?: 'dynamic' | 'dynamic_full' | 'static'
  /** How many tokens a static one has room for. */
  readonly maxLength?: number
  /** So many tokens of a prompt are read in one run; as many as are a good pace where nobody says. */
  readonly chunk?: number
}

/** Computes one thing after another: a run is a job among those of others. */
export interface Turns {
  <T>(job: () => Promise<T>): Promise<T>
  /** Whether others wait for theirs, or who waits for this one may give it up. */
  hurried?(): boolean
  /** Comes when the job under way is done, before the turns of others. */
  soon?(): Promise<unknown>
}

export class SessionDecoder implements Decoder {
  readonly #program: DecodingProgram
  readonly #sessions: Sessions
  readonly #cache: Cache
  readonly #chunk: number | undefined
  /** Whether layers with windows remember more than they see. */
  readonly #whole: boolean
  readonly #turns: Turns
  /** What the encoder's mask is to the decoder. */
  #encoderMask: PlainTensors
  /** For each row, 0 where a token is padding, of those that are read and of those that were said to come. */
  #keep: readonly Uint8Array[]
  readonly #outputs: readonly string[]
  readonly #parameters: PlainTensors
  #given: PlainTensors = {}
  readonly #light: Program
  readonly follow?: Decoder['follow']
  readonly forbids: boolean
  /** What the encoder gave to who asked. */
  readonly encoderOutputs: PlainTensors

  private constructor(
    program: DecodingProgram,
    sessions: Sessions,
    turns: Turns,
    { keep, inputs, parameters = {}, caching = {} }: Prompt,
    encoded: PlainTensors,
    cache: Cache | undefined,
  ) {
    this.#program = program
    this.#sessions = sessions
    this.#turns = turns
    const cached = new Set(
      program.cache.flatMap(({ past, present = past, recent = past }) => [past, present, recent]),
    )
    const taken = Object.entries(encoded).filter(([name]) => cached.has(name))
    this.encoderOutputs = Object.fromEntries(Object.entries(encoded).filter(([name]) => !cached.has(name)))
    cache?.serve?.(growing(program.cache))
    this.#cache =
      cache ??
      openCache(program, {
        batch: keep.length,
        encoded: Object.fromEntries(taken),
        gpu: sessions.gpu,
        room: caching.maxLength,
      })
    this.#chunk = caching.chunk
    this.#whole = caching.implementation === 'dynamic_full'
    this.#keep = keep
    this.#parameters = parameters
    this.#encoderMask = Object.fromEntries(
      Object.entries(inputs).filter(([name]) => name in program.decode.inputs),
    )
    this.#outputs = Object.keys(program.decode.outputs).filter(
      (name) => !cached.has(name) && name !== 'tokens',
    )
    const chooses = 'tokens' in program.decode.outputs && keep.every((row) => row.at(-1) !== 0)
    if (chooses) this.follow = this.#follow.bind(this)
    this.forbids = 'token_bias' in program.decode.inputs
    const { inputs: wanted, derived } = program.decode
    this.#light = {
      ...program.decode,
      inputs: except(wanted, cached),
      derived: except(derived, sessions.tables?.names ?? new Set()),
    }
  }

  /**
   * Begin to read: run the encoder, where there is one.
   * @param encodings keeps what it gave for others
   * @param cache what was read before, which is released with the decoder; its rows are the prompts'
   * @throws {InputError} @throws {IndexOutOfRangeError} @throws {SequenceTooLongError} @throws {ExecutionError}
   */
  static async begin(
    program: DecodingProgram,
    sessions: Sessions,
    turns: Turns,
    prompt: Prompt,
    encodings: Encodings,
    cache?: Cache,
  ): Promise<SessionDecoder> {
    const { encode } = program
    const run = () =>
      turns(() =>
        sessions.encode!.run(
          prepareFeeds(encode!, taken({ ...prompt.parameters, ...prompt.inputs }, encode!)),
          Object.keys(encode!.outputs),
        ),
      )
    const encoded = encode ? await encodings.of(prompt.encoding, run) : {}
    return new SessionDecoder(program, sessions, turns, prompt, encoded, cache)
  }

  get vocabulary() {
    return Number(this.#program.decode.outputs.logits!.shape.at(-1))
  }

  /** What was read, for another decoder to go on from. */
  get cache(): Cache {
    return this.#cache
  }

  /** How many tokens each row has read, padding counted. */
  get length() {
    return this.#cache.length
  }

  /** @throws {IndexOutOfRangeError} @throws {ExecutionError} @throws {OutOfMemoryError} what was read before is still there */
  async read(tokens: readonly Int32Array[], scored = 1): Promise<Float32Array> {
    if (tokens.length !== this.#keep.length) await this.reorder(spread(this.#keep.length, tokens.length))
    this.#given = await this.#pieces(tokens, { outputs: this.#outputs, scored })
    return this.#given.logits!.data as Float32Array
  }

  /** Read tokens in pieces; what is asked for is of the last. */
  async #pieces(tokens: readonly Int32Array[], asked: Asked): Promise<PlainTensors> {
    const [rows, count] = [tokens.length, tokens[0]!.length]
    const { pace, gpu } = this.#sessions
    let found: PlainTensors = {}
    for (let [begin, end] = [0, 0]; begin < count; begin = end) {
      end = begin + this.#piece(rows, count, asked.scored)
      const piece = tokens.map((row) => row.subarray(begin, end))
      if (end >= count) found = await this.#turns(() => this.#run(piece, asked))
      else
        await this.#turns(() =>
          pace.watch(rows * (end - begin), async () => {
            await this.#run(piece, { outputs: [], scored: 1 })
            await gpu?.queue.onSubmittedWorkDone() // where nothing is read back, a run ends before the GPU does
          }),
        )
    }
    return found
  }

  /** How many tokens a run reads. What is given of all tokens comes of one run; a GPU's kernel that joins caches takes of several
   * rows all of their beginning, or one token each. */
  #piece(rows: number, count: number, scored: number) {
    if (scored > 1 || this.#outputs.length > 1) return count
    if (rows === 1 || !this.#sessions.gpu) {
      const reading = { rows, past: this.length, hurried: this.#turns.hurried?.() ?? false }
      return this.#chunk ?? this.#sessions.pace.piece(reading)
    }
    return this.length === 0 ? count : 1
  }

  /** Only of rows whose last token counts: positions go on from there. */
  async #follow(
    tokens: readonly Int32Array[],
    steps: number,
    ends: readonly number[],
    forbidden?: readonly number[],
  ): Promise<Int32Array[]> {
    const asked = { outputs: ['tokens'], scored: 1, steps, ends, forbidden }
    const { tokens: found } = await this.#pieces(tokens, asked)
    const [taken = 0, rows = 0] = found!.shape
    const data = found!.data as Int32Array
    return Array.from({ length: taken }, (_, step) => data.slice(step * rows, (step + 1) * rows))
  }

  outputs(): PlainTensors {
    const { logits: _, ...outputs } = this.#given
    return outputs
  }

  async #run(
    tokens: readonly Int32Array[],
    { outputs, scored, steps = 1, ends = [], forbidden = [] }: Asked,
  ): Promise<PlainTensors> {
    const { ids, mask } = this.#program
    const [added, total] = [tokens[0]!.length, this.length + tokens[0]!.length]
    const keep = this.#keep.map((row) => extended(row, total))
    const places = Int32Array.from({ length: scored }, (_, i) => added - scored + i)
    const given: PlainTensors = {
      ...this.#parameters,
      ...this.#encoderMask,
      [ids]: matrix(tokens, added),
      [mask]: matrix(keep, total),
      ...this.#windowMasks(keep, added),
      position_ids: positionsOf(keep, added),
      scored: { dtype: 'int32', shape: [scored], data: places },
      steps: { dtype: 'int64', shape: [], data: BigInt64Array.of(BigInt(steps)) },
      ends: { dtype: 'int32', shape: [ends.length + 1], data: Int32Array.of(NO_TOKEN, ...ends) },
      ...(this.forbids && { token_bias: without(forbidden, this.vocabulary) }),
    }
    const feeds = prepareFeeds(this.#light, taken(given, this.#light))
    const { decode, tables } = this.#sessions
    const session = tables?.feeding(decode, total) ?? decode
    const found = await this.#cache.run(session, feeds, outputs, added)
    if (!this.#whole) this.#cache.trim()
    this.#keep = this.#keep.map((row, i) => (row.length > total ? row : keep[i]!))
    return found
  }

  /** The masks over what layers with windows remember, and over what is new. */
  #windowMasks(keep: readonly Uint8Array[], added: number): PlainTensors {
    const masks = Object.entries(this.#program.windows)
    return Object.fromEntries(
      masks.map(([name, window]) => [name, matrix(keep, this.#cache.remembered(window) + added)]),
    )
  }

  async reorder(rows: readonly number[]) {
    this.#cache.reorder(rows)
    this.#keep = rows.map((row) => this.#keep[row]!)
    this.#encoderMask = mapTensors(this.#encoderMask, (x) => rowsOf(x, rows))
  }

  crop(length: number) {
    this.#cache.crop(length)
    this.#keep = this.#keep.map((kept) => kept.slice(0, length))
  }

  release() {
    this.#cache.release()
  }
}

interface Asked {
  readonly outputs: readonly string[]
  readonly scored: number
  /** How many steps a run takes at most, and the tokens that end it. */
  readonly steps?: number
  readonly ends?: readonly number[]
  /** Tokens that no step chooses. */
  readonly forbidden?: readonly number[]
}
const NO_TOKEN = -1

/** Which row each of more rows goes on from. */
export const spread = (rows: number, among: number) =>
  Array.from({ length: among }, (_, i) => Math.floor((i * rows) / among))

/** What a program takes of some tensors. */
const taken = (tensors: PlainTensors, { inputs }: Program): PlainTensors =>
  Object.fromEntries(Object.entries(tensors).filter(([name]) => name in inputs))

const except = <T>(entries: Readonly<Record<string, T>>, names: ReadonlySet<string>): Record<string, T> =>
  Object.fromEntries(Object.entries(entries).filter(([name]) => !names.has(name)))

/** What is added to scores so that some tokens are not chosen. */
function without(tokens: readonly number[], vocabulary: number): PlainTensor<'float32'> {
  const data = new Float32Array(vocabulary)
  forbid(data, tokens)
  return { dtype: 'float32', shape: [vocabulary], data }
}

/** The first entries of a row that may end before them: nothing that is generated is padding. */
function extended(row: Uint8Array, length: number): Uint8Array {
  const whole = new Uint8Array(length).fill(1)
  whole.set(row.subarray(0, length))
  return whole
}

/** Rows of equal length, the last `columns` of each, as int32. */
function matrix(rows: readonly (Int32Array | Uint8Array)[], columns: number): PlainTensor<'int32'> {
  const data = new Int32Array(rows.length * columns)
  for (const [i, row] of rows.entries()) data.set(row.subarray(row.length - columns), i * columns)
  return { dtype: 'int32', shape: [rows.length, columns], data }
}

/** Where the last tokens of each row stand in its text; where Python puts padding, which nobody looks at. */
function positionsOf(keep: readonly Uint8Array[], added: number): PlainTensor<'int32'> {
  const positions = keep.map((row) => {
    let position = -1
    return Int32Array.from(row, (kept) => {
      position += kept
      return kept ? position : 1
    })
  })
  return matrix(positions, added)
}
