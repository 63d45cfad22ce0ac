/**
 * @file The real all-MiniLM-L6-v2, fine-tuned in a tab: to tell ham from spam, as a whole and by LoRA, and to tag parts of speech.
 * What is saved says the same in Python.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { brownSentences, TAGS } from '../tagger/brown.mjs'
import { LABELS, readMails } from './training-mails.mjs'
import { seededOrder } from './training-order.mjs'
import { findTransformers, predictInPython } from './training-python.mjs'
import { trainInTab } from './training-tab.mjs'

const minutes = 60_000
const limit = Number(process.env.EXAMPLES ?? Number.POSITIVE_INFINITY) // fewer, to try a recipe
const slow = { timeout: 120 * minutes } // on a machine with other work
const some = (rows, count) => rows.slice(0, Math.min(count, limit))

let python

beforeAll(async () => {
  python = await findTransformers()
}, 30 * minutes)

test('ham and spam are told apart on 1,000 held-out mails, here and in Python', slow, async () => {
  const { train, test } = await readMails()
  await expectTrained({
    kind: 'texts',
    labels: LABELS,
    maxLength: 64,
    train: some(train, 4000),
    test: some(test, 1000),
    training: { numTrainEpochs: 1, learningRate: 2e-4, warmupRatio: 0.1 },
    accuracy: 0.97,
  })
})

test('the same by LoRA, whose adapter PEFT loads', slow, async () => {
  const { train, test } = await readMails()
  await expectTrained({
    kind: 'texts',
    labels: LABELS,
    maxLength: 64,
    train: some(train, 800),
    test: some(test, 500),
    training: { numTrainEpochs: 1, learningRate: 1e-3, warmupRatio: 0.1 },
    adapter: { peftType: 'LORA', r: 8, loraAlpha: 16, targetModules: 'all-linear' },
    accuracy: 0.9,
  })
})

test('parts of speech are tagged in held-out sentences of Brown, here and in Python', slow, async () => {
  const { train, test } = await brownSentences()
  await expectTrained({
    kind: 'words',
    labels: TAGS,
    maxLength: 48,
    train: some(shuffled(train), 1600).map(numbered),
    test: some(shuffled(test), 300).map(numbered).sort(byLength),
    training: { numTrainEpochs: 1, learningRate: 5e-4, warmupRatio: 0.1, groupByLength: true },
    accuracy: 0.94,
  })
})

const shuffled = (rows) => seededOrder(rows.length, 1).map((i) => rows[i])
/** Sentences of like length share a batch, so that little is computed for padding. */
const byLength = (a, b) => a.words.length - b.words.length
const numbered = ({ words, tags }) => ({ words, tags: tags.map((tag) => TAGS.indexOf(tag)) })

/** Train in a tab, look how much of the held-out rows is right, and ask Python the same. */
async function expectTrained({ accuracy, ...job }) {
  const folder = await mkdtemp(join(tmpdir(), 'trained-'))
  try {
    const { logits, labels, ...told } = await trainInTab(job, folder)
    const decided = logits.map(largest)
    const share = decided.filter((label, i) => label === labels[i]).length / labels.length
    const { logits: truth, versions } = await predictInPython(python, folder)
    const numbers = truth.flat()
    const worst = logits.flat().reduce((most, value, i) => Math.max(most, Math.abs(value - numbers[i])), 0)
    console.log(
      `${told.steps} steps in ${Math.round(told.seconds)} s, loss ${told.loss.toFixed(3)}: ` +
        `${(100 * share).toFixed(2)} % of ${labels.length} right; ` +
        `logits off ${versions} by ${worst.toExponential(1)} at most; ` +
        `peak memory ${Math.round(told.peakMemory / 2 ** 20)} MB, longest task of the main thread ${Math.round(told.task)} ms, ` +
        `${Math.round(told.work)} ms counting only time with a core`,
    )
    expect(truth.length).toBe(logits.length)
    expect(worst).toBeLessThan(1e-3)
    expect(truth.map(largest)).toEqual(decided)
    expect(share).toBeGreaterThanOrEqual(accuracy)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const largest = (scores) => scores.indexOf(Math.max(...scores))
