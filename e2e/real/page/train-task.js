/** @file Fine-tunes a model in the page, as any page would, and lets the browser download it. */
import {
  AutoTokenizer,
  configure,
  ProgressCallback,
  Trainer,
  TrainingArguments,
} from '/webformers/webformers.js'
import { tasks } from './train-features.js'

/**
 * @param {{ hub: string, repository: string, data: string, kind: 'texts' | 'words', labels: string[], maxLength: number,
 *   training: object, adapter?: object }} job
 * @returns what the trained model says of each held-out label, and how long it trained
 */
globalThis.trainTask = async ({ hub, repository, data, kind, labels, maxLength, training, adapter }) => {
  configure({ endpoint: hub })
  const { Model, Collator, encode, taskType } = tasks[kind]
  const { train, test } = await (await fetch(data)).json()
  const tokenizer = await AutoTokenizer.fromPretrained(repository)
  const model = await Model.fromPretrained(repository, {
    device: 'wasm',
    threads: 2,
    seed: 42,
    config: {
      id2label: Object.fromEntries(labels.entries()),
      label2id: Object.fromEntries(labels.map((label, id) => [label, id])),
    },
  })
  if (adapter) await model.addAdapter({ ...adapter, taskType }, 'default', { seed: 42 })
  const tell = new ProgressCallback(({ phase, done, total, logs }) => {
    if (done % 10 === 0) globalThis.progress(`${phase} ${done} / ${total} ${JSON.stringify(logs ?? {})}`)
  })
  const trainDataset = await encode(tokenizer, train, maxLength)
  const testDataset = await encode(tokenizer, test, maxLength)
  const trainer = new Trainer({
    model,
    args: new TrainingArguments({
      outputDir: kind,
      saveStrategy: 'no',
      perDeviceTrainBatchSize: 16,
      perDeviceEvalBatchSize: 16,
      loggingSteps: 10,
      seed: 42,
      ...training,
    }),
    trainDataset,
    processingClass: tokenizer,
    dataCollator: new Collator({ tokenizer }),
    callbacks: [tell],
  })
  performance.mark('load') // a trace looks between the marks
  const { globalStep, trainingLoss, metrics } = await trainer.train()
  performance.mark('loaded')
  const { predictions, labelIds } = await trainer.predict(testDataset)
  await model.savePretrained('model.zip')
  await tokenizer.savePretrained('tokenizer.zip')
  return {
    ...scored(predictions, labelIds),
    steps: globalStep,
    loss: trainingLoss,
    seconds: metrics.train_runtime,
  }
}

/** The logits of everything that has a label. */
function scored(predictions, labelIds) {
  const classes = predictions.shape.at(-1)
  const labels = Array.from(labelIds.data, Number)
  const counted = [...labels.keys()].filter((i) => labels[i] !== -100)
  return {
    labels: counted.map((i) => labels[i]),
    logits: counted.map((i) => Array.from(predictions.data.subarray(i * classes, (i + 1) * classes))),
  }
}

globalThis.ready = true
