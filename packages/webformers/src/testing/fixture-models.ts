/** @file For tests in node: the recorded models of packages/models, as saving sees them; a worker's part is done here. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { openCheckpoint, openRepository } from '@webformers/hub'
import { findArchitecture, type Head } from '@webformers/models'
import type { Client, SaveDType } from '@webformers/runtime'
import { savedTensors } from '../../../runtime/src/save'
import { readConfiguration } from '../configuration'
import type { SavableModel } from '../save'
import { weightPolicy } from '../weight-policy'

const client = {
  save: async (files: Record<string, Blob>, policy: never, { dtype }: { dtype?: SaveDType }) =>
    savedTensors(await openCheckpoint(files), policy, dtype, new AbortController().signal),
} as unknown as Client

export const fixture = (model: string, file: string) => {
  const [kind, name] = model.split('/')
  const place = new URL(`../../../models/src/${kind}/fixture/${name}/${file}`, import.meta.url)
  return new Blob([new Uint8Array(readFileSync(place))])
}

export async function openModel(model: string): Promise<SavableModel> {
  const weights = { 'model.safetensors': fixture(model, 'model.safetensors') }
  const repository = await openRepository({ ...weights, 'config.json': fixture(model, 'config.json') })
  const configured = await readConfiguration(repository)
  const json = await repository.json<{ architectures: string[] }>('config.json')
  const { heads } = await findArchitecture(configured.config.model_type)
  const names = Object.keys(heads).toSorted((a, b) => b.length - a.length)
  const stated = json.architectures[0]!.replace('LMHeadModel', 'ForCausalLM').replace(
    'MTModel',
    'ForConditionalGeneration',
  )
  const head = names.find((name) => stated.endsWith(name)) as Head
  return { client, files: weights, policy: weightPolicy(configured, head, {}), configured, head, repository }
}

export const sha256 = async (blob: Blob) =>
  createHash('sha256')
    .update(new Uint8Array(await blob.arrayBuffer()))
    .digest('hex')
    .slice(0, 32)
