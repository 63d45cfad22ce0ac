import { describe, expect, test } from 'vitest'
import { AutoModel, type Nested, type Tensor, tensor, UnsafeCheckpointError } from './index'
import { type HubFiles, hubOf } from './testing/hub'

// One tiny BERT that Python saved as safetensors, as a zip archive of pickled tensors, and in the container before it.
const urls = import.meta.glob<string>('../../hub/src/formats/pytorch/fixture/{bert,sharded,refused}/*', {
  query: '?url',
  import: 'default',
  eager: true,
})
const file = (path: string) => async () =>
  (await fetch(urls[`../../hub/src/formats/pytorch/fixture/${path}`]!)).blob()
const shards = Object.keys(urls).flatMap((path) => path.match(/sharded\/(.+)$/)?.[1] ?? [])

const repositories: Record<string, Record<string, string>> = {
  safetensors: { 'model.safetensors': 'bert/model.safetensors' },
  zip: { 'pytorch_model.bin': 'bert/pytorch_model.bin' },
  legacy: { 'pytorch_model.bin': 'bert/pytorch_model.legacy.bin' },
  deflated: { 'pytorch_model.bin': 'bert/pytorch_model.deflated.bin' },
  sharded: Object.fromEntries(shards.map((name) => [name, `sharded/${name}`])),
  both: { 'model.safetensors': 'bert/model.safetensors', 'pytorch_model.bin': 'refused/os.system.bin' },
  unsafe: { 'pytorch_model.bin': 'refused/os.system.bin' },
}
const files: HubFiles = Object.fromEntries(
  Object.entries(repositories).flatMap(([name, contents]) =>
    Object.entries({ 'config.json': 'bert/config.json', ...contents }).map(([path, source]) => [
      `tiny/${name}/${path}`,
      file(source),
    ]),
  ),
)
const options = { fetch: hubOf(files), cache: false, device: 'wasm' } as const

interface Recorded {
  inputs: Record<'input_ids' | 'attention_mask', number[][]>
  outputs: Record<'last_hidden_state' | 'pooler_output', Nested<number>>
}
const recorded = async (): Promise<Recorded> => JSON.parse(await (await file('bert/outputs.json')()).text())

async function run(repository: string, loading: object = {}) {
  await using model = await AutoModel.fromPretrained(`tiny/${repository}`, { ...options, ...loading })
  const { last_hidden_state, pooler_output } = await model((await recorded()).inputs)
  return { last_hidden_state, pooler_output: pooler_output! }
}

function expectClose({ shape, data }: Tensor<'float32'>, expected: Nested<number>) {
  const truth = tensor(expected)
  expect(shape).toEqual(truth.shape)
  const differences = Array.from(data, (value, i) => Math.abs(value - Number(truth.data[i])))
  expect(Math.max(...differences)).toBeLessThan(1e-5)
}

describe.each(['zip', 'legacy', 'deflated', 'sharded'])('pytorch_model.bin (%s)', (repository) => {
  test('gives what Python gives, and what safetensors give to the last bit', async () => {
    const outputs = await run(repository)
    const { outputs: truth } = await recorded()
    expectClose(outputs.last_hidden_state, truth.last_hidden_state)
    expectClose(outputs.pooler_output, truth.pooler_output)
    const { last_hidden_state, pooler_output } = await run('safetensors')
    expect(outputs.last_hidden_state.data).toEqual(last_hidden_state.data)
    expect(outputs.pooler_output.data).toEqual(pooler_output.data)
  })
})

test('int8 is made of it as of safetensors', async () => {
  const [pytorch, safetensors] = [
    await run('zip', { dtype: 'int8' }),
    await run('safetensors', { dtype: 'int8' }),
  ]
  expect(pytorch.last_hidden_state.data).toEqual(safetensors.last_hidden_state.data)
})

test('safetensors are taken where there are both', async () => {
  const { outputs: truth } = await recorded()
  expectClose((await run('both')).last_hidden_state, truth.last_hidden_state)
  await expect(run('both', { useSafetensors: false })).rejects.toThrow(UnsafeCheckpointError)
})

test('a pickle that would run code is refused by class and name', async () => {
  const loading = run('unsafe')
  await expect(loading).rejects.toThrow(UnsafeCheckpointError)
  await expect(loading).rejects.toThrow('"posix.system"')
})
