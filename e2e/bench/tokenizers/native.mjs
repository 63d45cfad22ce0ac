/**
 * @file The Rust library through its binding, and ours, in one Node process that has done nothing else.
 * `node native.mjs <tokenizer's folder> <texts.json> <milliseconds to warm up> <who comes first>` prints JSON.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Tokenizer } from '@anush008/tokenizers'
import { dist } from '../../real/build.mjs'
import { readTokenizer } from '../../real/tokenizers.mjs'
import { measureRate } from './page/throughput.mjs'

const [folder, textsFile, warmUp, first] = process.argv.slice(2)
const texts = JSON.parse(await readFile(textsFile, 'utf8'))
console.warn = () => {} // that a text is longer than the model takes is no news here

async function openOurs() {
  const { AutoTokenizer } = await import(join(dist, 'webformers.js'))
  const tokenizer = await AutoTokenizer.fromFiles(await readTokenizer(folder))
  return { call: (text) => tokenizer(text).input_ids }
}

function openRust() {
  const tokenizer = Tokenizer.fromFile(join(folder, 'tokenizer.json'))
  return { call: async (text) => (await tokenizer.encode(text)).getIds() }
}

const sides = { ours: await openOurs(), rust: openRust() }
const order = first === 'ours' ? ['ours', 'rust'] : ['rust', 'ours']
const result = { ours: {}, rust: {} }
for (const [language, some] of Object.entries(texts)) {
  for (const side of order)
    result[side][language] = await measureRate(sides[side], some, { warmUp: Number(warmUp) })
}
process.stdout.write(JSON.stringify(result))
