import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { openCheckpoint, openRepository } from '@webformers/hub'
import { findArchitecture, type Head, type Json } from '@webformers/models'
import type { Client, SaveDType } from '@webformers/runtime'
import { expect, test } from 'vitest'
import { savedTensors } from '../../runtime/src/save'
import truth from '../fixtures/saved.json'
import { readConfiguration } from './configuration'
import { type ModelFilesOptions, modelFiles, type SavableModel } from './save'
import { weightPolicy } from './weight-policy'

interface Case {
  model: string
  options: ModelFilesOptions
  files: Record<string, string>
}

/** What a worker does, done here. */
const client = {
  save: async (files: Record<string, Blob>, policy: never, { dtype }: { dtype?: SaveDType }) =>
    savedTensors(await openCheckpoint(files), policy, dtype, new AbortController().signal),
} as unknown as Client

const fixture = (model: string, file: string) => {
  const [kind, name] = model.split('/')
  const place = new URL(`../../models/src/${kind}/fixture/${name}/${file}`, import.meta.url)
  return new Blob([new Uint8Array(readFileSync(place))])
}

async function openModel(model: string): Promise<SavableModel> {
  const weights = { 'model.safetensors': fixture(model, 'model.safetensors') }
  const repository = await openRepository({ ...weights, 'config.json': fixture(model, 'config.json') })
  const configured = await readConfiguration(repository)
  const json = await repository.json<{ architectures: string[] }>('config.json')
  const { heads } = await findArchitecture(configured.config.model_type)
  const names = Object.keys(heads).toSorted((a, b) => b.length - a.length)
  const stated = json.architectures[0]!.replace('LMHeadModel', 'ForCausalLM')
  const head = names.find((name) => stated.endsWith(name)) as Head
  return { client, files: weights, policy: weightPolicy(configured, head, {}), configured, head, repository }
}

const digest = async (blob: Blob) =>
  createHash('sha256')
    .update(new Uint8Array(await blob.arrayBuffer()))
    .digest('hex')
    .slice(0, 32)

test.each(truth as unknown as Case[])(
  '$model saved with $options is what Python saves and loads',
  async ({ model, options, files }) => {
    const saved = await modelFiles(await openModel(model), options)
    const digests: Record<string, string> = {}
    for (const [file, blob] of Object.entries(saved)) digests[file] = await digest(blob)
    expect(digests).toEqual(files)
  },
)

test('every configuration comes out as the file it was read from', async () => {
  const models = new Set(truth.map(({ model }) => model))
  expect(models.size).toBeGreaterThan(100)
  for (const model of models) {
    const { 'config.json': config } = await modelFiles(await openModel(model))
    const original: Json = JSON.parse(await fixture(model, 'config.json').text())
    expect(JSON.parse(await config!.text()), model).toEqual(original)
  }
})
