import { beforeAll, describe, expect, test, vi } from 'vitest'
import bert from '../../fixtures/bert-uncased/tokenizer.json'
import bertConfig from '../../fixtures/bert-uncased/tokenizer_config.json'
import lines from '../../fixtures/lines.json'
import qwen from '../../fixtures/qwen3/tokenizer.json'
import qwenConfig from '../../fixtures/qwen3/tokenizer_config.json'
import { AutoTokenizer, type PreTrainedTokenizer, type TokenizerFiles } from '..'

const all = lines.join('\n')
/** Two megabytes. */
const book = all.repeat(Math.ceil(2_000_000 / all.length)).slice(0, 2_000_000)
const tokenizers = [
  ['WordPiece', { 'tokenizer.json': bert, 'tokenizer_config.json': bertConfig }],
  ['byte-level BPE', { 'tokenizer.json': qwen, 'tokenizer_config.json': qwenConfig }],
] as const

/** Messages that are answered as soon as the page comes to it; `turns()` tells how many were. */
function otherTasks() {
  const { port1, port2 } = new MessageChannel()
  let turns = 0
  port1.onmessage = () => {
    turns++
    port2.postMessage(undefined)
  }
  port2.postMessage(undefined)
  return { turns: () => turns, [Symbol.dispose]: () => port1.close() }
}

describe.each(tokenizers)('callAsync of a %s tokenizer', (_, files) => {
  let tokenizer: PreTrainedTokenizer
  beforeAll(async () => {
    vi.spyOn(console, 'warn').mockReturnValue() // no model runs here that a text could be too long for
    tokenizer = await AutoTokenizer.fromFiles(files as unknown as TokenizerFiles)
  })

  test('gives what the call gives, for one text, for pairs and for windows', async () => {
    expect({ ...(await tokenizer.callAsync('One text.')) }).toEqual({ ...tokenizer('One text.') })
    const options = {
      textPair: lines.slice(100, 200),
      padding: true,
      truncation: true,
      maxLength: 24,
      returnOffsetsMapping: true,
    } as const
    const batch = lines.slice(0, 100)
    expect({ ...(await tokenizer.callAsync(batch, options)) }).toEqual({ ...tokenizer(batch, options) })
    const windows = { truncation: true, maxLength: 16, stride: 4, returnOverflowingTokens: true } as const
    const encoding = await tokenizer.callAsync(all, windows)
    const same = tokenizer(all, windows)
    expect({ ...encoding }).toEqual({ ...same })
    expect(encoding.wordIds(7)).toEqual(same.wordIds(7))
  })

  test('lets other tasks have their turn while it reads a long text', async () => {
    using others = otherTasks()
    const { input_ids } = tokenizer(book)
    expect(others.turns()).toBe(0)
    const encoding = await tokenizer.callAsync(book)
    expect(others.turns()).toBeGreaterThan(10)
    expect(encoding.input_ids).toEqual(input_ids)
  })

  test('lets them while it reads thousands of short ones, in one call or one by one', async () => {
    const texts = Array.from({ length: 20 }, () => lines).flat()
    using others = otherTasks()
    await tokenizer.callAsync(texts)
    const turns = others.turns()
    expect(turns).toBeGreaterThan(5)
    for (const text of texts) await tokenizer.callAsync(text)
    expect(others.turns() - turns).toBeGreaterThan(5)
  })

  test('stops where its signal aborts, with the reason', async () => {
    const controller = new AbortController()
    const reason = new Error('another text')
    setTimeout(() => controller.abort(reason))
    await expect(tokenizer.callAsync(book, { signal: controller.signal })).rejects.toBe(reason)
    await expect(tokenizer.callAsync('One text.', { signal: controller.signal })).rejects.toBe(reason)
  })
})
