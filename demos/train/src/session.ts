/** @file One training: a base, its data and how it is trained; the model can be asked before, during and after. */
import {
  AutoModelForSequenceClassification,
  AutoTokenizer,
  type LogEntry,
  type PreTrainedModel,
  type PreTrainedTokenizer,
  type Progress,
  ProgressCallback,
  type Pushed,
  type SaveTarget,
  type Tensor,
  Trainer,
  TrainingArguments,
} from 'webformers'
import { accuracy, encode, labelConfig } from '../../shared/classification'
import type { Score } from '../../shared/scores'
import type { Base, Method } from './bases'
import type { LabelledTexts } from './table'

export interface Settings {
  readonly base: Base
  readonly endpoint: string
  readonly texts: LabelledTexts
  readonly method: Method
  readonly epochs: number
  readonly batchSize: number
  readonly learningRate: number
}

export interface Watch {
  readonly signal: AbortSignal
  onLoad(progress: Progress): void
  onBegin(steps: number): void
  onStep(done: number, total: number, epoch: number): void
  onLog(step: number, logs: LogEntry): void
}

/** Tokens; what is longer is cut, and shorter where the model takes less. */
const LONGEST = 96
const longestOf = ({ config }: PreTrainedModel, { modelMaxLength }: PreTrainedTokenizer): number =>
  Math.min(LONGEST, modelMaxLength, Number(config.max_position_embeddings ?? LONGEST))
/** Of all texts. */
const HELD_OUT = 0.2

export class Session {
  #training: Promise<unknown> | undefined

  private constructor(
    readonly settings: Settings,
    readonly model: PreTrainedModel,
    readonly tokenizer: PreTrainedTokenizer,
    readonly trainer: Trainer,
  ) {}

  /** Get everything ready; nothing is trained yet. */
  static async prepare(settings: Settings, watch: Watch): Promise<Session> {
    const { base, endpoint, texts, method } = settings
    const { signal, onLoad } = watch
    const source = await base.open()
    const options = { endpoint, signal, onProgress: onLoad }
    const [tokenizer, model] = await Promise.all([
      AutoTokenizer.fromPretrained(source, options),
      AutoModelForSequenceClassification.fromPretrained(source, {
        ...options,
        config: labelConfig(texts.names),
        ignoreMismatchedSizes: true, // its head, if it has one, is for other labels
      }),
    ])
    try {
      if (method === 'lora')
        await model.addAdapter({
          peftType: 'LORA',
          r: 8,
          loraAlpha: 16,
          taskType: 'SEQ_CLS',
          modulesToSave: base.fresh,
        })
      return new Session(settings, model, tokenizer, await trainerOf(settings, watch, model, tokenizer))
    } catch (error) {
      await model.dispose()
      throw error
    }
  }

  /** Train to the end; aborted, the model keeps what it has learnt by then. */
  async train(signal: AbortSignal): Promise<void> {
    const training = this.trainer.train({ signal })
    this.#training = training
    try {
      await training
    } finally {
      this.#training = undefined
    }
  }

  /** Labels for a text, best first, by the weights as they are at this moment. */
  async ask(text: string): Promise<Score[]> {
    const maxLength = longestOf(this.model, this.tokenizer)
    const row = this.tokenizer(text, { truncation: true, maxLength })
    const logits = this.#training ? await this.#askInTraining(row, this.#training) : await this.#askModel(row)
    const powers = logits.map((logit) => Math.exp(logit - Math.max(...logits)))
    const sum = powers.reduce((a, b) => a + b)
    return powers
      .map((power, i) => ({ label: this.settings.texts.names[i]!, score: power / sum }))
      .sort((a, b) => b.score - a.score)
  }

  /** The trained model with its tokenizer. @param whole with the adapter in its weights, instead of the adapter alone */
  async save(target: SaveTarget, whole: boolean): Promise<void> {
    await this.#merged(whole, async () => {
      await this.trainer.saveModel(target)
    })
  }

  push(repository: string, token: string, isPrivate: boolean, whole: boolean): Promise<Pushed> {
    return this.#merged(whole, async () => {
      const options = { token, private: isPrivate }
      const pushed = await this.model.pushToHub(repository, options)
      await this.tokenizer.pushToHub(repository, options)
      return pushed
    })
  }

  async #merged<T>(whole: boolean, work: () => Promise<T>): Promise<T> {
    if (!whole || this.settings.method === 'full') return work()
    await this.model.mergeAdapter()
    try {
      return await work()
    } finally {
      await this.model.unmergeAdapter()
    }
  }

  /** A training that ends meanwhile takes the question with it: the model answers instead. */
  async #askInTraining(row: Parameters<PreTrainedModel>[0], training: Promise<unknown>): Promise<number[]> {
    try {
      const { predictions } = await this.trainer.predict([row])
      return Array.from((predictions as Tensor).data, Number)
    } catch {
      await training.catch(() => {})
      return this.#askModel(row)
    }
  }

  async #askModel(row: Parameters<PreTrainedModel>[0]): Promise<number[]> {
    const { logits } = (await this.model(row)) as { logits?: Tensor }
    return Array.from(logits!.data, Number)
  }
}

async function trainerOf(
  { texts, epochs, batchSize, learningRate }: Settings,
  { signal, onBegin, onStep, onLog }: Watch,
  model: PreTrainedModel,
  tokenizer: PreTrainedTokenizer,
): Promise<Trainer> {
  const { train, test } = texts.rows.trainTestSplit({ testSize: HELD_OUT, seed: 42 })
  const maxLength = longestOf(model, tokenizer)
  const [trainDataset, evalDataset] = await Promise.all(
    [train, test].map((part) => encode(part, tokenizer, { maxLength, signal })),
  )
  return new Trainer({
    model,
    processingClass: tokenizer,
    trainDataset,
    evalDataset,
    computeMetrics: accuracy,
    callbacks: [
      {
        onTrainBegin: (_args, { max_steps }) => onBegin(max_steps),
        onLog: (_args, { global_step }, _control, { logs = {} }) => onLog(global_step, logs),
      },
      new ProgressCallback(({ phase, done, total = 1, epoch }) => {
        if (phase === 'train') onStep(done, total, epoch)
      }),
    ],
    args: new TrainingArguments({
      outputDir: 'demo-train',
      numTrainEpochs: epochs,
      perDeviceTrainBatchSize: batchSize,
      perDeviceEvalBatchSize: 32,
      learningRate,
      warmupRatio: 0.1,
      loggingSteps: 1,
      evalOnStart: true,
      evalStrategy: 'steps',
      evalSteps: 0.125,
      saveStrategy: 'no',
      groupByLength: true,
    }),
  }) as unknown as Trainer
}
