import { expect, test } from 'vitest'
import {
  AutoModelForCausalLM,
  AutoModelForImageClassification,
  AutoModelForMaskedLM,
  AutoModelForSeq2SeqLM,
  AutoModelForSequenceClassification,
  type Nested,
  tensor,
} from './index'
import { type HubFiles, hubOf } from './testing/hub'

// Tiny models that Python saved as safetensors, and carried over to TensorFlow and Flax.
const FIXTURES = '../../hub/src/formats/fixture/frameworks/'
const urls = import.meta.glob<string>('../../hub/src/formats/fixture/frameworks/**/*', {
  query: '?url',
  import: 'default',
  eager: true,
})
const file = (path: string) => async () => (await fetch(urls[FIXTURES + path]!)).blob()
const foldersOf = (name: string) =>
  Object.keys(urls).flatMap((path) => {
    const rest = path.slice(FIXTURES.length)
    return rest.startsWith(`${name}/`) ? [rest.slice(name.length + 1)] : []
  })

const classes = {
  'bert-masked-lm': AutoModelForMaskedLM,
  'bert-classification': AutoModelForSequenceClassification,
  'distilbert-classification': AutoModelForSequenceClassification,
  'gpt2-lm': AutoModelForCausalLM,
  't5-generation': AutoModelForSeq2SeqLM,
  'vit-classification': AutoModelForImageClassification,
} as const
type Name = keyof typeof classes

const classifier = (...files: [path: string, source: string][]) =>
  ['config.json', 'model.safetensors']
    .map((path) => [path, `bert-classification/${path}`])
    .concat(files)
    .map(([path, source]) => [path!, file(source!)] as const)
const repositories: Record<string, readonly (readonly [string, () => Promise<Blob>])[]> = {
  ...Object.fromEntries(
    Object.keys(classes).map((name) => [
      name,
      foldersOf(name).map((path) => [path, file(`${name}/${path}`)]),
    ]),
  ),
  sharded: classifier(
    ...['sharded-tf', 'sharded-flax'].flatMap((folder) =>
      foldersOf(folder).map((path): [string, string] => [path, `${folder}/${path}`]),
    ),
  ),
  chunked: classifier(['flax_model.msgpack', 'flax-chunked.msgpack']),
}
const files: HubFiles = Object.fromEntries(
  Object.entries(repositories).flatMap(([name, contents]) =>
    contents.map(([path, read]) => [`tiny/${name}/${path}`, read]),
  ),
)

interface Recorded {
  inputs: Record<string, Nested<number>>
  logits: Nested<number>
}
const recorded = async (name: Name): Promise<Recorded> =>
  JSON.parse(await (await file(`${name}/outputs.json`)()).text())

async function logits(name: Name, repository: string, loading: { fromTf?: true; fromFlax?: true }) {
  const options = { fetch: hubOf(files), cache: false, device: 'wasm', ...loading } as const
  await using model = await classes[name].fromPretrained(`tiny/${repository}`, options)
  return (await model((await recorded(name)).inputs)).logits
}

test.each(Object.keys(classes) as Name[])(
  '%s gives from TensorFlow and from Flax what Python gives, and what safetensors give to the last bit',
  async (name) => {
    const { shape, data } = await logits(name, name, {})
    const truth = tensor((await recorded(name)).logits)
    expect(shape).toEqual(truth.shape)
    const differences = Array.from(data, (value, i) => Math.abs(value - Number(truth.data[i])))
    expect(Math.max(...differences)).toBeLessThan(1e-4)
    expect((await logits(name, name, { fromTf: true })).data).toEqual(data)
    expect((await logits(name, name, { fromFlax: true })).data).toEqual(data)
  },
)

test.each([
  ['sharded', { fromTf: true }],
  ['sharded', { fromFlax: true }],
  ['chunked', { fromFlax: true }],
] as const)('%s, %o', async (repository, loading) => {
  const whole = await logits('bert-classification', 'bert-classification', {})
  expect((await logits('bert-classification', repository, loading)).data).toEqual(whole.data)
})
