import type { Capabilities } from '@webformers/runtime'
import { describe, expect, test } from 'vitest'
import truth from '../../fixtures/surgery.json'
import { Programs } from '../programs'
import { modelFiles } from '../save'
import { openModel, sha256 } from '../testing/fixture-models'
import { type PrunedHeads, surgeryOf } from './index'

const capabilities = { device: 'wasm', fused: true, float16: false } as Capabilities

/** A recorded model that can be operated on and saved; whoever runs it needs a worker. */
async function open(name: string) {
  const { client, configured, head, files, repository } = await openModel(name)
  const model = new Programs(client, capabilities, configured, head, files, {})
  const digests = async () => {
    const { policy, configured: now } = model
    const saved = await modelFiles({ client, files, policy, configured: now, head, repository })
    const entries = Object.entries(saved).map(async ([file, blob]) => [file, await sha256(blob)] as const)
    return Object.fromEntries(await Promise.all(entries))
  }
  return { model, digests, surgery: surgeryOf(model) }
}

test.each(Object.entries(truth.pruned))(
  '%s without some of its heads is saved as Python saves and loads it',
  async (name, { steps, files }) => {
    const { surgery, digests } = await open(name)
    for (const heads of steps) await surgery.pruneHeads(heads as PrunedHeads)
    expect(await digests()).toEqual(files)
  },
)

describe.each(Object.entries(truth.resized))('%s', (name, sizes) => {
  test('with a smaller vocabulary is saved as Python saves and loads it', async () => {
    const { surgery, digests } = await open(name)
    const { count, files } = sizes['-4']
    const { weight } = await surgery.resizeTokenEmbeddings(count)
    expect(weight.shape[0]).toBe(count)
    expect(await digests()).toEqual(files)
  })
})

describe.each(Object.entries(truth.embeddings))('%s', (name, expected) => {
  test('has the embeddings and as many parameters as in Python', async () => {
    const { surgery } = await open(name)
    expect(surgery.getInputEmbeddings().weight.name).toBe(expected.input)
    expect(surgery.getOutputEmbeddings()?.weight.name ?? null).toBe(expected.output)
    expect(surgery.numParameters()).toBe(expected.parameters)
    expect(surgery.numParameters({ excludeEmbeddings: true })).toBe(expected.without_embeddings)
    expect(surgery.namedParameters()).toHaveLength(expected.names)
  })
})
