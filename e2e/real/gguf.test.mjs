/**
 * @file The real SmolLM2-135M-Instruct in a GGUF file against transformers: configuration, tokenizer, chat template, tensors, and
 * the logits in Chromium.
 */
import { createHash } from 'node:crypto'
import { openAsBlob } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, test } from 'vitest'
import { openCheckpoint } from '../../packages/hub/src/checkpoint'
import { launch } from '../browser.mjs'
import { startHub } from '../hub-server.mjs'
import { dist } from './build.mjs'
import { hubRoot } from './minilm.mjs'
import { serve } from './server.mjs'
import { prepareSmolLM2, smolFile, smolRepository } from './smollm2.mjs'

const { AutoConfig, AutoTokenizer } = await import(join(dist, 'webformers.js'))
const read = async (path) => JSON.parse(await readFile(new URL(path, import.meta.url), 'utf8'))
const truth = await read('gguf.json')

/** @type {Blob} */
let file
let tokenizer

beforeAll(async () => {
  file = await openAsBlob(join(await prepareSmolLM2(), smolFile))
  tokenizer = await AutoTokenizer.fromPretrained({ [smolFile]: file }, { ggufFile: smolFile })
})

test('the configuration', async () => {
  const config = await AutoConfig.fromPretrained({ [smolFile]: file }, { ggufFile: smolFile })
  expect(config).toMatchObject(truth.config)
})

test('the tokenizer on hundreds of texts', async () => {
  const { bosToken: bos_token, eosToken: eos_token, unkToken: unk_token } = tokenizer
  expect({ bos_token, eos_token, unk_token }).toEqual(truth.special)
  expect(Object.fromEntries(tokenizer.addedTokens.map(([id, { content }]) => [content, id]))).toEqual(
    truth.added,
  )
  expect(tokenizer.length).toBe(truth.size)
  const { sentences } = await read('sentences.json')
  const lines = await read('../../packages/tokenizers/fixtures/lines.json')
  const hard = lines.filter((line, i) => i % 20 === 0 && line.isWellFormed())
  const texts = [...sentences.map(({ text }) => text), ...hard]
  expect(texts).toHaveLength(truth.texts)
  expect(tokenizer(texts[1]).input_ids).toEqual(truth.ids)
  const digests = truth.encoded.match(/.{8}/g)
  expect(texts.filter((text, i) => encoded(text) !== digests[i])).toEqual([])
})

test.each(truth.chats)('the chat template on $messages', ({ messages, text, ids }) => {
  expect(tokenizer.applyChatTemplate(messages, { tokenize: false, addGenerationPrompt: true })).toBe(text)
  expect(tokenizer.applyChatTemplate(messages, { addGenerationPrompt: true })).toEqual(ids)
})

test('every number of the tensors', async () => {
  const checkpoint = await openCheckpoint({ [smolFile]: file })
  const found = {}
  for (const [name, { shape, dtype }] of checkpoint.entries) {
    const bytes = await checkpoint.bytes(name)
    const numbers = new Float32Array(bytes.buffer)
    const places = [0, Math.floor(numbers.length / 3), numbers.length - 1]
    expect(dtype).toBe('F32')
    found[name] = {
      shape: [...shape],
      sha256: createHash('sha256').update(bytes).digest('hex'),
      some: places.map((place) => numbers[place]),
    }
  }
  expect(found).toEqual(truth.tensors)
})

test.each(['wasm', 'webgpu'])('the logits on %s', async (device) => {
  const hub = await startHub({ root: hubRoot })
  const server = await serve({ '/webformers/': dist, '/': fileURLToPath(new URL('page', import.meta.url)) })
  const browser = await launch()
  try {
    const page = await browser.newPage()
    await page.goto(`${server.url}/index.html`)
    await page.waitForFunction(() => globalThis.ready)
    const prompts = truth.logits.map(({ prompt }) => prompt)
    const job = { hub: hub.url, repository: smolRepository, ggufFile: smolFile, device, prompts }
    const scores = await page.evaluate((job) => globalThis.score(job), job)
    for (const [i, { top, mean }] of truth.logits.entries()) {
      const [ids, logits] = top
      const worst = Math.max(...ids.map((id, rank) => Math.abs(scores[i][id] - logits[rank])))
      console.log(
        `${device}, "${prompts[i]}": the worst of the ten most likely is off by ${worst.toExponential(1)}`,
      )
      expect(worst).toBeLessThan(1e-4)
      expect(scores[i].reduce((sum, score) => sum + score) / scores[i].length).toBeCloseTo(mean, 4)
    }
  } finally {
    await browser.close()
    await Promise.all([server.close(), hub.close()])
  }
})

function encoded(text) {
  const { input_ids: ids } = tokenizer(text)
  const texts = [tokenizer.decode(ids), tokenizer.decode(ids, { skipSpecialTokens: true })]
  return digest([ids, tokenizer.convertIdsToTokens(ids), ...texts])
}

const digest = (value) => createHash('sha1').update(JSON.stringify(value)).digest('hex').slice(0, 8)
