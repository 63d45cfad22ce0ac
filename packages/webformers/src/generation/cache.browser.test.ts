import { openRepository, saveFiles } from '@webformers/hub'
import { describe, expect, test } from 'vitest'
import {
  CacheError,
  CorruptFileError,
  OptionError,
  RepositoryNotFoundError,
  StorageFullError,
} from '../all-errors'
import type { PreTrainedModel } from '../model'
import { type Tensor, toList } from '../tensor'
import { openRecorded, recordedFiles } from '../testing/recorded-models'
import { DynamicCache } from './cache'
import type { GenerateOptions } from './call'

interface Turn {
  readonly input_ids: number[][]
  readonly attention_mask: number[][]
  /** What Python said. */
  readonly sequences: number[][]
}
interface Recorded {
  readonly config: Record<string, unknown>
  readonly pad_token_id: number
  readonly new_tokens: number
  readonly conversations: readonly (readonly [Turn, Turn])[]
}

const rows = (sequences: Tensor) => toList<number[][]>(sequences)
const asked = ({ input_ids, attention_mask }: Turn) => ({ input_ids, attention_mask })

async function open(repository: string, device: 'wasm' | 'webgpu' = 'wasm') {
  const read = await recordedFiles[`${repository}/conversation.json`]!()
  const recorded: Recorded = JSON.parse(await read.text())
  const { config, pad_token_id: padTokenId, new_tokens: maxNewTokens } = recorded
  const model = await openRecorded(repository, { device, config })
  const options: GenerateOptions = { eosTokenId: null, padTokenId, maxNewTokens }
  const [[first, second], batch] = recorded.conversations as [readonly [Turn, Turn], readonly [Turn, Turn]]
  return { model, options, first, second, batch }
}

/** How many tokens a call reads at first: those that it gives hidden states of. */
async function readBy(model: PreTrainedModel, turn: Turn, pastKeyValues: DynamicCache) {
  const { hidden_states } = await model.generate(asked(turn), {
    maxNewTokens: 1,
    pastKeyValues,
    returnDictInGenerate: true,
    outputHiddenStates: true,
  })
  return hidden_states![0]![0]!.shape[1]
}

const models = {
  wasm: ['llama', 'mistral', 'gemma2', 'gemma3_text'],
  webgpu: ['phi3'],
} as const

describe.each(['wasm', 'webgpu'] as const)('%s', { timeout: 120_000 }, (device) => {
  test.each(models[device])(
    '%s: conversations as Python has them, from what was read before',
    async (type) => {
      const { model, options, first, second, batch } = await open(`${type}/causal-lm`, device)
      await using _ = model
      using cache = new DynamicCache()
      const generate = async (turn: Turn, order = [...turn.input_ids.keys()], pastKeyValues = cache) => {
        const [input_ids, attention_mask] = [turn.input_ids, turn.attention_mask].map((all) =>
          order.map((row) => all[row]!),
        ) as [number[][], number[][]]
        const sequences = await model.generate({ input_ids, attention_mask }, { ...options, pastKeyValues })
        expect(rows(sequences)).toEqual(order.map((row) => turn.sequences[row]))
        // Nobody has read the last token.
        expect(pastKeyValues.getSeqLength()).toBe(turn.sequences[0]!.length - 1)
      }
      for (const turn of [first, second, first, second, ...batch]) await generate(turn)
      await generate(batch[1], [1, 0])
      await cache.save('indexeddb://chats/batch')
      using saved = await DynamicCache.load('indexeddb://chats/batch')
      await generate(batch[1], undefined, saved)
      await generate(batch[1], [1])
      if (device === 'webgpu') {
        const fixed = await model.generate(asked(first), { ...options, cacheImplementation: 'static' })
        expect(rows(fixed)).toEqual(first.sequences)
        return // the kernels of another program take long to compile
      }
      await generate(second)
      // What comes next, and what it was. Of a window only the last tokens can be taken back; the rest is read again.
      const [said] = second.sequences as [number[]]
      const next = { ...second, input_ids: [said], attention_mask: [said.map(() => 1)] }
      expect(await readBy(model, next, cache)).toBe(1)
      cache.crop(-4)
      expect(cache.getSeqLength()).toBe(said.length - 4)
      expect(await readBy(model, next, cache)).toBe(4)
      expect(await readBy(model, second, cache)).toBe(type === 'llama' ? 1 : second.input_ids[0]!.length)
    },
  )
})

describe('llama', () => {
  const name = 'indexeddb://chats/test'
  const kept = 'cache.safetensors'
  const ask = async (model: PreTrainedModel, turn: Turn, options: GenerateOptions) =>
    rows((await model.generate(asked(turn), options)) as Tensor)

  test.each(['llama', 'mistral'])('%s: a conversation survives a reload', async (type) => {
    {
      const { model, options, first } = await open(`${type}/causal-lm`)
      await using _ = model
      using cache = new DynamicCache()
      await ask(model, first, { ...options, pastKeyValues: cache })
      await cache.save(name)
    }
    const { model, options, first, second } = await open(`${type}/causal-lm`)
    await using _ = model
    using cache = await DynamicCache.load(name)
    expect(cache.getSeqLength()).toBe(first.sequences[0]!.length - 1)
    expect(await readBy(model, second, cache)).toBe(1 + 4)
    expect(await ask(model, second, { ...options, pastKeyValues: cache })).toEqual(second.sequences)
  })

  test('what another model has read is refused, what other weights have read is read anew', async () => {
    const { model, options, first, second } = await open('llama/causal-lm')
    await using _ = model
    using cache = new DynamicCache()
    const going = { ...options, pastKeyValues: cache }
    await ask(model, first, going)
    await cache.save(name)
    for (const repository of ['llama/causal-lm-tied', 'qwen3/causal-lm']) {
      await using other = await openRecorded(repository)
      const expected = await ask(other, first, { ...options, maxNewTokens: 2 })
      await expect(other.generate(asked(first), going)).rejects.toThrow(CacheError)
      using loaded = await DynamicCache.load(name)
      const refused = other.generate(asked(first), { ...options, maxNewTokens: 2, pastKeyValues: loaded })
      await expect(refused).rejects.toThrow(/another model/)
      loaded.reset()
      const again = { ...options, maxNewTokens: 2, pastKeyValues: loaded }
      expect(await ask(other, first, again)).toEqual(expected)
    }
    expect(await ask(model, second, going)).toEqual(second.sequences)
    await model.addAdapter({
      peftType: 'LORA',
      r: 4,
      loraAlpha: 64,
      targetModules: ['q_proj', 'v_proj'],
      initLoraWeights: false,
    })
    const adapted = await ask(model, second, options)
    expect(adapted).not.toEqual(second.sequences)
    expect(await ask(model, second, going)).toEqual(adapted)
    using loaded = await DynamicCache.load(name)
    const restored = { ...options, pastKeyValues: loaded }
    await expect(ask(model, second, restored)).rejects.toThrow(CacheError)
    model.disableAdapters()
    expect(await ask(model, second, going)).toEqual(second.sequences)
    expect(await ask(model, second, restored)).toEqual(second.sequences)
  })

  test('a file that was damaged, that is none, or that has no room is told of', async () => {
    const { model, options, first } = await open('llama/causal-lm')
    await using _ = model
    using cache = new DynamicCache()
    await expect(cache.save(name)).rejects.toThrow(CacheError)
    await ask(model, first, { ...options, pastKeyValues: cache })
    await cache.save(name)
    const file = await (await openRepository(name)).file(kept)
    const bytes = new Uint8Array(await file.arrayBuffer())
    const damaged = 'indexeddb://chats/damaged'

    await saveFiles(damaged, { [kept]: file.slice(0, -5) })
    await expect(DynamicCache.load(damaged)).rejects.toThrow(CorruptFileError)
    bytes[bytes.length - 2]! ^= 1
    await saveFiles(damaged, { [kept]: new Blob([bytes]) })
    using changed = await DynamicCache.load(damaged)
    await expect(ask(model, first, { ...options, pastKeyValues: changed })).rejects.toThrow(
      /not what was saved/,
    )
    await saveFiles('indexeddb://chats/model', { 'config.json': new Blob(['{}']) })
    await expect(DynamicCache.load('indexeddb://chats/model')).rejects.toThrow(CacheError)
    await expect(DynamicCache.load('indexeddb://chats/none')).rejects.toThrow(RepositoryNotFoundError)

    const { put } = IDBObjectStore.prototype
    IDBObjectStore.prototype.put = () => {
      throw new DOMException('full', 'QuotaExceededError')
    }
    try {
      await expect(cache.save('indexeddb://chats/full')).rejects.toThrow(StorageFullError)
    } finally {
      IDBObjectStore.prototype.put = put
    }
    expect(await ask(model, first, { ...options, pastKeyValues: cache })).toEqual(first.sequences)
  })

  test('every search goes on from a cache; who gives up leaves what was read', async () => {
    const { model, options, first, second } = await open('llama/causal-lm')
    await using _ = model
    const searches: GenerateOptions[] = [
      { numBeams: 3, numReturnSequences: 2 },
      { doSample: true, seed: 3, numReturnSequences: 2 },
      { penaltyAlpha: 0.6, topK: 4 },
      { promptLookupNumTokens: 3 },
      { guidanceScale: 1.5 },
      { cacheImplementation: undefined, prefillChunkSize: 7 },
    ]
    using cache = new DynamicCache()
    for (const search of searches) {
      await ask(model, first, { ...options, pastKeyValues: cache })
      const expected = await ask(model, second, { ...options, ...search })
      expect(await ask(model, second, { ...options, ...search, pastKeyValues: cache })).toEqual(expected)
    }
    cache.reset()
    const controller = new AbortController()
    const long = async () => {
      const { signal } = controller
      const stream = model.stream(asked(first), {
        ...options,
        maxNewTokens: 3000,
        signal,
        pastKeyValues: cache,
      })
      for await (const _ of stream) controller.abort()
    }
    await expect(long()).rejects.toThrow(/abort/)
    expect(await ask(model, second, { ...options, pastKeyValues: cache })).toEqual(second.sequences)
  })
})

test('an encoder-decoder has no such cache', async () => {
  await using model = await openRecorded('t5/conditional-generation')
  const generating = model.generate({ input_ids: [[7, 8]] }, { pastKeyValues: new DynamicCache() })
  await expect(generating).rejects.toThrow(OptionError)
})
