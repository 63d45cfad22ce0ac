/** @file The page's model: made of nothing, trained on the mails, kept in the browser. */
import {
  AutoModelForSequenceClassification,
  AutoTokenizer,
  Dataset,
  type LogEntry,
  type Pipeline,
  ProgressCallback,
  pipeline,
  Trainer,
  type TrainerCallback,
  TrainingArguments,
} from 'webformers'
import { accuracy, encode, type Labelled, labelConfig } from '../../shared/classification'
import { embeddedMails, embeddedModel } from '../../shared/embedded'

/** Where the model is kept in this browser. */
export const KEPT = 'indexeddb://demo-custom-model'

export type Classifier = Pipeline<'text-classification'>

export interface Trained {
  readonly classify: Classifier
  readonly parameters: number
  /** Keep the model and its tokenizer. */
  save(): Promise<void>
}

export interface TrainOptions {
  readonly signal: AbortSignal
  onBegin(steps: number): void
  onProgress(done: number, total: number): void
  onLog(step: number, logs: LogEntry): void
}

export async function train({ signal, onBegin, onProgress, onLog }: TrainOptions): Promise<Trained> {
  const [files, mails] = await Promise.all([embeddedModel(), embeddedMails()])
  const [parent, rows] = await Promise.all([
    AutoTokenizer.fromPretrained(files, { modelInputNames: ['input_ids', 'attention_mask'] }),
    Dataset.fromCsv<{ text: string; label: string }>(mails, { signal }),
  ])
  const labelled: Dataset<Labelled> = rows.classEncodeColumn('label') as Dataset<Labelled>
  // Words that nobody wrote teach nothing: the vocabulary is that of the mails.
  const tokenizer = await parent.trainNewFromIterator(labelled.column('text'), 4000, { signal })
  const { train, test } = labelled.trainTestSplit({ testSize: 150, seed: 42 })
  const [trainDataset, evalDataset] = await Promise.all(
    [train, test].map((part) => encode(part, tokenizer, { maxLength: 96, signal })),
  )
  const config = {
    model_type: 'mean-of-glances',
    vocab_size: tokenizer.length,
    hidden_size: 64,
    num_attention_heads: 4,
    ...labelConfig(labelled.features.label!.names),
  }
  const model = await AutoModelForSequenceClassification.fromConfig(config, { seed: 7, signal })
  try {
    const log: TrainerCallback = {
      onTrainBegin: (_args, { max_steps }) => onBegin(max_steps),
      onLog: (_args, { global_step }, _control, { logs = {} }) => onLog(global_step, logs),
    }
    const progress = new ProgressCallback(({ phase, done, total = 1 }) => {
      if (phase === 'train') onProgress(done, total)
    })
    const trainer = new Trainer({
      model,
      processingClass: tokenizer,
      trainDataset,
      evalDataset,
      computeMetrics: accuracy,
      callbacks: [log, progress],
      args: new TrainingArguments({
        learningRate: 5e-3,
        numTrainEpochs: 4,
        perDeviceTrainBatchSize: 16,
        perDeviceEvalBatchSize: 50,
        warmupRatio: 0.1,
        loggingSteps: 2,
        evalStrategy: 'steps',
        evalSteps: 0.125,
        saveStrategy: 'no',
      }),
    })
    await trainer.train({ signal })
    const parameters = (await model.trainable()).parameters
    return {
      classify: await pipeline('text-classification', model, { tokenizer }),
      parameters: parameters.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b), 0),
      save: async () => {
        await trainer.saveModel(KEPT)
      },
    }
  } catch (error) {
    await model.dispose()
    throw error
  }
}

/** The model that was kept. @throws {FileNotFoundError} when there is none */
export const load = (): Promise<Classifier> => pipeline('text-classification', KEPT)
