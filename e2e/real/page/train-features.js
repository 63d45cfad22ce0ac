/** @file What a model is trained on: texts and words as tokens, with their labels. */
import {
  AutoModelForSequenceClassification,
  AutoModelForTokenClassification,
  DataCollatorForTokenClassification,
  DataCollatorWithPadding,
  Dataset,
} from '/webformers/webformers.js'

/** By kind of rows: the model they are for, what makes batches of them, and how they become tokens. */
export const tasks = {
  texts: {
    Model: AutoModelForSequenceClassification,
    Collator: DataCollatorWithPadding,
    taskType: 'SEQ_CLS',
    encode: (tokenizer, rows, maxLength) =>
      Dataset.from(rows).map(({ text }) => tokenizer.callAsync(text, { truncation: true, maxLength }), {
        batched: true,
        removeColumns: ['text'],
      }),
  },
  words: {
    Model: AutoModelForTokenClassification,
    Collator: DataCollatorForTokenClassification,
    taskType: 'TOKEN_CLS',
    encode: (tokenizer, rows, maxLength) =>
      Dataset.from(rows).map(
        async ({ words, tags }) => {
          const encoding = await tokenizer.callAsync(words, {
            isSplitIntoWords: true,
            truncation: true,
            maxLength,
          })
          return { ...encoding, labels: labelsOf(encoding.wordIds(), tags) }
        },
        { removeColumns: ['words', 'tags'] },
      ),
  },
}

/** A word's first piece has its tag, the others count for nothing. */
const labelsOf = (words, tags) =>
  words.map((word, i) => (word === null || word === words[i - 1] ? -100 : tags[word]))
