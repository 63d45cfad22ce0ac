/** @file The model that listens: where it comes from, how it is loaded, how it is asked. */
import { type Device, OfflineError, type PreTrainedTokenizer, pipeline, type Streamer } from 'webformers'
import type { Loading } from '../../shared/loading-panel'
import type { Word } from './passages'
import { RATE } from './sound'

/** What model.json says. A server near the page may answer with its own: see e2e/serve-demos.mjs. */
export interface ModelSource {
  readonly repository: string
  /** The Hub, or the address of a mirror. */
  readonly endpoint: string
  /** Why it is not the Hub. */
  readonly notice?: string
}

export const readSource = async (): Promise<ModelSource> => (await fetch('./model.json')).json()

export interface ModelChoice {
  readonly repository: string
  readonly device: 'auto' | Device
}

/** What a model that knows several languages is told. */
export interface Manner {
  /** Nothing: the model finds it. */
  readonly language?: string
  readonly task: 'transcribe' | 'translate'
}

export interface Asked extends Manner {
  readonly signal: AbortSignal
  /** Told of the text as it is written. */
  onText?(text: string): void
}

const open = (
  { repository, device }: ModelChoice,
  options: Loading & { endpoint: string; localFilesOnly: boolean },
) => pipeline('automatic-speech-recognition', repository, { device, ...options })
type Transcribe = Awaited<ReturnType<typeof open>>

/** Keys of a Whisper's generation_config.json. */
interface Speech {
  readonly alignment_heads?: unknown
  readonly lang_to_id?: Readonly<Record<string, number>>
}

/** Seconds of a passage, for models that take any length. */
const ANY_LENGTH = 20

/** Whisper's own measures of what is no speech. */
const SPEECH = { noSpeechThreshold: 0.6, logprobThreshold: -1 }

/** A model that is loaded. */
export class Recognizer {
  readonly #transcribe: Transcribe
  readonly #speech: Speech | undefined

  private constructor(
    readonly choice: ModelChoice,
    transcribe: Transcribe,
    speech: Speech | undefined,
  ) {
    this.#transcribe = transcribe
    this.#speech = speech
  }

  static async load(
    choice: ModelChoice,
    options: Loading & { endpoint: string; localFilesOnly: boolean },
  ): Promise<Recognizer> {
    const transcribe = await open(choice, options)
    const { model } = transcribe
    const { is_encoder_decoder } = model.config as { is_encoder_decoder?: boolean }
    const speech = is_encoder_decoder ? ((await model.getGenerationConfig()).extra as Speech) : undefined
    return new Recognizer(choice, transcribe, speech)
  }

  get device(): Device {
    return this.#transcribe.model.device
  }

  /** Whether it can be told which language, and to translate. */
  get multilingual(): boolean {
    return this.#speech?.lang_to_id !== undefined
  }

  /** Seconds of the longest passage that it takes. */
  get longest(): number {
    return (this.#transcribe.featureExtractor.config as { chunk_length?: number }).chunk_length ?? ANY_LENGTH
  }

  /** What is said, word by word, or by segments where the model doesn't know better. */
  async hear(samples: Float32Array, { language, task, signal, onText }: Asked): Promise<Word[]> {
    const sound = { array: samples, sampling_rate: RATE }
    const length = samples.length / RATE
    if (!this.#speech) {
      const { chunks } = await this.#transcribe(sound, { returnTimestamps: 'word', signal })
      return wordsOf(chunks, length, ' ')
    }
    const returnTimestamps: 'word' | true = this.#speech.alignment_heads ? 'word' : true
    const { chunks } = await this.#transcribe(sound, {
      returnTimestamps,
      ...SPEECH,
      numBeams: 1,
      ...(this.multilingual && { language, task }),
      ...(onText && { streamer: textStreamer(this.#transcribe.tokenizer, onText) }),
      signal,
    })
    return wordsOf(chunks, length)
  }

  dispose(): Promise<void> {
    return this.#transcribe.dispose()
  }
}

function wordsOf(
  chunks: readonly { text: string; timestamp?: readonly [number | null, number | null] }[],
  length: number,
  space = '',
): Word[] {
  return chunks
    .filter(({ text }) => text.trim() !== '')
    .map(({ text, timestamp: [start, end] = [null, null] }) => ({
      text: space + text,
      start: start ?? 0,
      end: end ?? length,
    }))
}

/** Writes down tokens as they come, without those that stand for times. */
function textStreamer(tokenizer: PreTrainedTokenizer, onText: (text: string) => void): Streamer {
  const stream = tokenizer.decodeStream({ skipSpecialTokens: true })
  const times = tokenizer.convertTokensToIds('<|notimestamps|>') ?? Number.POSITIVE_INFINITY
  let text = ''
  return {
    put(tokens) {
      const said = [...tokens].filter((token) => token <= times).map((token) => stream.step(token) ?? '')
      if (said.join('') === '') return
      text += said.join('')
      onText(text)
    },
  }
}

/** One model at a time. */
export class Recognizers {
  #recognizer: Recognizer | undefined

  constructor(readonly endpoint: string) {}

  /** The model that is chosen, if it is loaded. */
  loaded(choice: ModelChoice): Recognizer | undefined {
    const { repository, device } = this.#recognizer?.choice ?? {}
    return repository === choice.repository && device === choice.device ? this.#recognizer : undefined
  }

  /** Load a model in the place of the one before. */
  async load(choice: ModelChoice, loading: Loading, localFilesOnly = false): Promise<Recognizer> {
    await this.#recognizer?.dispose()
    this.#recognizer = undefined
    const { endpoint } = this
    this.#recognizer = await Recognizer.load(choice, { ...loading, endpoint, localFilesOnly })
    return this.#recognizer
  }

  /** Load a model that an earlier visit has stored, without the network. @returns nothing when it has not */
  async restore(choice: ModelChoice, loading: Loading): Promise<Recognizer | undefined> {
    try {
      return await this.load(choice, loading, true)
    } catch (error) {
      if (error instanceof OfflineError) return undefined
      throw error
    }
  }
}
