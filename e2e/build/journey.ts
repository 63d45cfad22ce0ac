/** @file The journey every build has to make: a tiny BERT, recorded from transformers, classifies in a page. */
import { openAsBlob } from 'node:fs'
import { cp, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Checkpoint, openCheckpoint } from '@webformers/hub'
import type { Page } from 'playwright'
import { expect } from 'vitest'

export const dist = fileURLToPath(new URL('../../packages/webformers/dist', import.meta.url))
const fixture = fileURLToPath(
  new URL('../../packages/models/src/bert/fixture/sequence-classification', import.meta.url),
)

const pickled = fileURLToPath(new URL('../../packages/hub/src/formats/pytorch/fixture/bert', import.meta.url))

/** What a library is served with, so that pages of other origins may have it. */
export const anyOrigin = { 'Access-Control-Allow-Origin': '*' }

/** Put the model where a page can read it, at `model/`. */
export const copyModel = (site: string) => cp(fixture, join(site, 'model'), { recursive: true })

/** Load the model that lies beside the page with the library in `globalThis.library`, and compare its logits with PyTorch's. */
export async function expectRightLogits(page: Page, device: 'wasm' | 'webgpu') {
  const inputs = await readTensors('inputs.safetensors', (bytes) => new Int32Array(bytes))
  const { logits } = await readTensors('expected.safetensors', (bytes) => new Float32Array(bytes))
  const actual = await page.evaluate(classify, { inputs, device })
  expect(actual.shape).toEqual(logits!.shape)
  for (const [i, value] of actual.values.entries()) expect(value).toBeCloseTo(logits!.values[i]!, 4)
}

interface Values {
  shape: number[]
  values: number[]
}

/** Runs in the page. */
async function classify({ inputs, device }: { inputs: Record<string, Values>; device: 'wasm' | 'webgpu' }) {
  const { library } = globalThis as unknown as { library: typeof import('webformers') }
  const { AutoModelForSequenceClassification, tensor } = library
  const source = new URL('model/', location.href)
  const model = await AutoModelForSequenceClassification.fromPretrained(source, { device })
  const tensors = Object.entries(inputs).map(([name, { values, shape }]) => [
    name,
    tensor(values, shape, 'int32'),
  ])
  const { logits } = await model(Object.fromEntries(tensors))
  await model.dispose()
  return { shape: logits.shape, values: Array.from(logits.data as Float32Array) }
}

async function readTensors(file: string, view: (bytes: ArrayBuffer) => ArrayLike<number>) {
  const checkpoint: Checkpoint = await openCheckpoint({ [file]: await openAsBlob(join(fixture, file)) })
  const tensors: Record<string, Values> = {}
  for (const [name, { shape }] of checkpoint.entries) {
    const bytes = await checkpoint.bytes(name)
    tensors[name] = { shape: [...shape], values: Array.from(view(bytes.slice().buffer)) }
  }
  return tensors
}

/** Put a model that `torch.save` wrote where a page can read it, at `pickled/`: its reader is fetched, or inside the worker. */
export async function copyPickledModel(site: string) {
  for (const file of ['config.json', 'pytorch_model.bin', 'outputs.json'])
    await cp(join(pickled, file), join(site, 'pickled', file))
}

/** Load that model with the library in `globalThis.library`, and compare its outputs with PyTorch's. */
export async function expectPickledOutputs(page: Page) {
  const { actual, expected } = await page.evaluate(async () => {
    const { library } = globalThis as unknown as { library: typeof import('webformers') }
    const source = new URL('pickled/', location.href)
    const { inputs, outputs } = await (await fetch(new URL('outputs.json', source))).json()
    const model = await library.AutoModel.fromPretrained(source, { device: 'wasm' })
    const { pooler_output } = await model(inputs)
    await model.dispose()
    return {
      actual: library.toList<number[][]>(pooler_output!),
      expected: outputs.pooler_output as number[][],
    }
  })
  expect(actual.length).toBe(expected.length)
  for (const [i, row] of expected.entries())
    for (const [j, value] of row.entries()) expect(actual[i]![j]).toBeCloseTo(value, 4)
}

/** @throws when nothing has been built, so that a test does not fail for a reason it does not name. */
export async function requireBuild(folder = dist) {
  const files: string[] = await readdir(folder).catch(() => [])
  if (!files.includes('index.js')) throw new Error(`Nothing built in ${folder}; run \`npm run build\` first.`)
}
