/** @file Trains the tagger from nothing, in the page, with what anybody has who loads the library. */
import {
  AutoModelForTokenClassification,
  AutoTokenizer,
  DataCollatorForTokenClassification,
  ProgressCallback,
  Trainer,
  TrainingArguments,
} from '/webformers/webformers.js'

/** So that a tokenizer's words and their tags come together: a word's first piece has its tag, the others count for nothing. */
function features(tokenizer, sentences, tags) {
  const encoding = tokenizer(
    sentences.map(({ words }) => words),
    { isSplitIntoWords: true, truncation: true, maxLength: LONGEST },
  )
  return sentences.map((sentence, row) => {
    const words = encoding.wordIds(row)
    const labels = words.map((word, i) =>
      word === null || word === words[i - 1] ? -100 : tags.indexOf(sentence.tags[word]),
    )
    return { input_ids: encoding.input_ids[row], attention_mask: words.map(() => 1), labels }
  })
}

const LONGEST = 128

/** The share of words whose tag is right. */
function accuracy({ predictions: logits, labelIds }) {
  const classes = logits.shape.at(-1)
  let [right, counted] = [0, 0]
  for (const [i, label] of Array.from(labelIds.data, Number).entries()) {
    if (label === -100) continue
    const scores = logits.data.subarray(i * classes, (i + 1) * classes)
    right += Number(scores.indexOf(Math.max(...scores)) === label)
    counted += 1
  }
  return { accuracy: right / counted }
}

/**
 * @param {{ train: Sentence[], test: Sentence[], tags: string[], base: string, report: (line: string) => void,
 *   shape: object, training: object, vocabulary: number }} recipe
 * @returns the files of model and tokenizer, by path, and what was measured
 */
globalThis.trainTagger = async ({ data, base, shape, training, vocabulary }) => {
  const { train, test, tags } = await (await fetch(data)).json()
  const texts = train.map(({ words }) => words.join(' '))
  const parent = await AutoTokenizer.fromPretrained(new URL(base, location).href)
  const tokenizer = await parent.trainNewFromIterator(texts, vocabulary)
  tokenizer.modelMaxLength = LONGEST
  const model = await AutoModelForTokenClassification.fromConfig(
    {
      model_type: 'bert',
      architectures: ['BertForTokenClassification'],
      vocab_size: tokenizer.length,
      max_position_embeddings: LONGEST,
      pad_token_id: tokenizer.padTokenId,
      id2label: Object.fromEntries(tags.entries()),
      label2id: Object.fromEntries(tags.map((tag, id) => [tag, id])),
      ...shape,
    },
    { device: 'wasm', seed: 42, threads: 2 },
  )
  const trainer = new Trainer({
    model,
    args: new TrainingArguments({ outputDir: 'tagger', saveStrategy: 'no', seed: 42, ...training }),
    trainDataset: features(tokenizer, train, tags),
    evalDataset: features(tokenizer, test, tags),
    dataCollator: new DataCollatorForTokenClassification({ tokenizer }),
    computeMetrics: accuracy,
    callbacks: [
      new ProgressCallback(({ phase, done, total, logs }) => {
        if (done % 20 === 0) globalThis.progress?.(`${phase} ${done} / ${total} ${JSON.stringify(logs)}`)
      }),
    ],
  })
  await trainer.train()
  const metrics = await trainer.evaluate()
  const files = { ...(await model.toFiles({ dtype: 'fp16' })), ...(await tokenizer.toFiles()) }
  return {
    metrics,
    log: trainer.state.log_history,
    files: await Promise.all(Object.entries(files).map(encoded)),
  }
}

/** A file as it can leave the page. */
const encoded = ([path, blob]) =>
  new Promise((resolve) => {
    const reader = new FileReader()
    reader.onload = () => resolve([path, reader.result.slice(reader.result.indexOf(',') + 1)])
    reader.readAsDataURL(blob)
  })
