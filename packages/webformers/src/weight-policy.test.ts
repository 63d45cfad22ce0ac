import { readFileSync } from 'node:fs'
import { MissingTensorError, openCheckpoint, TensorShapeError } from '@webformers/hub'
import { findArchitecture, type Head, type Json } from '@webformers/models'
import { type LoadingInfo, resolveParameters } from '@webformers/runtime'
import { describe, expect, test, vi } from 'vitest'
import { OptionError } from './errors'
import type { InfoOptions, LoadOptions } from './load-options'
import { recorded } from './testing/node'
import { warnOfNewWeights, weightPolicy } from './weight-policy'

interface Load {
  checkpoint: string
  head: Head
  options: LoadOptions
  info: LoadingInfo
}
const loads: Load[] = await recorded('loading-info')

/** A checkpoint recorded for the conformance of models, loaded as `head`. */
async function resolve(checkpoint: string, head: Head, options: LoadOptions & InfoOptions) {
  const [model_type, name] = checkpoint.split('/')
  const read = (file: string) =>
    readFileSync(new URL(`../../models/src/${model_type}/fixture/${name}/${file}`, import.meta.url))
  const architecture = await findArchitecture(model_type!)
  const json: Json = { ...JSON.parse(read('config.json').toString()), ...options.config }
  const configured = { architecture, config: { ...json, ...architecture.config(json) }, json }
  const policy = weightPolicy(configured, head, options)
  const { entries } = await openCheckpoint({ 'model.safetensors': new Blob([read('model.safetensors')]) })
  return { policy, ...resolveParameters(entries, policy) }
}

test.each(loads)(
  '$checkpoint as $head with $options: what Python finds',
  async ({ checkpoint, head, options, info }) => {
    expect((await resolve(checkpoint, head, { ...options, outputLoadingInfo: true })).info).toEqual(info)
  },
)

describe('what is missing', () => {
  test('is made new where the checkpoint never had that part', async () => {
    const { info, entries } = await resolve('bert/masked-lm', 'ForSequenceClassification', {})
    expect(info.missing_keys).toContain('bert.pooler.dense.weight')
    const { decode, shape } = entries.get('classifier.weight')!
    expect(shape).toEqual([2, 16])
    expect(new Float32Array(decode!(new Uint8Array()).buffer)).toHaveLength(32)
  })

  test('is an error where the part has holes, and in a base model', async () => {
    const holes = resolve('bert/sequence-classification', 'ForTokenClassification', {
      keyMapping: { 'classifier.bias': 'bird' },
    })
    await expect(holes).rejects.toThrow(MissingTensorError)
    await expect(holes).rejects.toThrow(/classifier\.bias \[\d\]/)
    await expect(resolve('bert/masked-lm', 'Model', {})).rejects.toThrow('pooler.dense.weight')
  })

  test('is an error where nothing fits', async () => {
    const other = resolve('bert/base', 'ForMaskedLM', { keyMapping: { '^': 'other.' } })
    await expect(other).rejects.toThrow(MissingTensorError)
  })
})

test('another shape is an error, unless new weights may take its place', async () => {
  const config = { id2label: { 0: 'a', 1: 'b', 2: 'c' } }
  const load = (options: LoadOptions) =>
    resolve('bert/sequence-classification', 'ForSequenceClassification', { config, ...options })
  await expect(load({})).rejects.toThrow(TensorShapeError)
  await expect(load({})).rejects.toThrow(
    /classifier\.weight is F32 \[\d, 16\], expected floating point \[3, 16\]/,
  )
  const { policy, info, entries } = await load({ ignoreMismatchedSizes: true })
  expect(info.mismatched_keys).toEqual(['classifier.bias', 'classifier.weight'])
  expect(entries.get('classifier.weight')!.shape).toEqual([3, 16])

  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  warnOfNewWeights(policy, info, 'tiny/bert')
  expect(warn.mock.calls).toHaveLength(1)
  expect(warn.mock.calls[0]![0]).toMatch(/tiny\/bert.*classifier\.bias \[3\], classifier\.weight \[3, 16\]/)
  warn.mockRestore()
})

test('new weights are those of their seed, drawn as Python draws them', async () => {
  const weight = async (options: LoadOptions) => {
    const { entries } = await resolve('bert/base', 'ForMaskedLM', options)
    return (name: string) =>
      new Float32Array(entries.get(`cls.predictions.${name}`)!.decode!(new Uint8Array()).buffer)
  }
  const [first, again, other] = [await weight({}), await weight({ seed: 0 }), await weight({ seed: 1 })]
  const dense = first('transform.dense.weight') // 256 numbers, standard deviation 0.02
  expect(dense).toEqual(again('transform.dense.weight'))
  expect(dense).not.toEqual(other('transform.dense.weight'))
  const mean = dense.reduce((sum, value) => sum + value) / dense.length
  const deviation = Math.sqrt(dense.reduce((sum, value) => sum + (value - mean) ** 2, 0) / dense.length)
  expect(Math.abs(mean)).toBeLessThan(0.005)
  expect(deviation).toBeGreaterThan(0.017)
  expect(deviation).toBeLessThan(0.023)
  expect(new Set(first('transform.LayerNorm.weight'))).toEqual(new Set([1]))
  expect(new Set(first('bias'))).toEqual(new Set([0]))
})

test('a key mapping that is no regular expression says so', async () => {
  await expect(resolve('bert/base', 'Model', { keyMapping: { '(': '' } })).rejects.toThrow(OptionError)
})
