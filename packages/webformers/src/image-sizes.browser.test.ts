import { describe, expect, test } from 'vitest'
import recorded from '../fixtures/image-sizes.json'
import { InputError } from './all-errors'
import { type Tensor, tensor } from './tensor'
import { type Digest, difference, openRecorded, readRecorded } from './testing/recorded-models'

interface Case {
  readonly size: readonly [height: number, width: number]
  readonly outputs: Readonly<Record<string, Digest>>
}
const cases = recorded as unknown as Readonly<Record<string, readonly Case[]>>

/** What was recorded with the model, but for images of another size: 0.5 · sin(0, 1, 2, …). */
async function inputsOf(repository: string, { size }: Case) {
  const inputs = await readRecorded(repository, 'inputs.safetensors')
  const shape = [...inputs.pixel_values!.shape.slice(0, 2), ...size]
  const count = shape.reduce((product, dim) => product * dim, 1)
  const values = Float32Array.from({ length: count }, (_, i) => 0.5 * Math.sin(i))
  return { ...inputs, pixel_values: tensor(values, shape) }
}

const options = (repository: string) =>
  repository.startsWith('swin') ? {} : { interpolatePosEncoding: true }

describe.each([
  { device: 'wasm', models: Object.keys(cases) },
  { device: 'webgpu', models: ['vit/base'] },
] as const)('$device', { timeout: 120_000 }, ({ device, models }) => {
  test.each([...models])('%s: images of other sizes are seen as in Python', async (repository) => {
    await using model = await openRecorded(repository, { device })
    for (const one of cases[repository]!) {
      const outputs = await model(await inputsOf(repository, one), options(repository))
      const tensors = Object.entries(outputs) as unknown as [string, Tensor][]
      expect(tensors.length).toBeGreaterThan(0)
      for (const [name, value] of tensors)
        expect(difference(value, one.outputs[name]!), `${one.size} ${name}`).toBeLessThan(1e-4)
    }
  })
})

test('images of the own size are seen as ever, whether others are allowed or not', async () => {
  await using model = await openRecorded('vit/base')
  const inputs = await readRecorded('vit/base', 'inputs.safetensors')
  const expected = await readRecorded('vit/base', 'expected.safetensors')
  for (const interpolatePosEncoding of [false, true]) {
    const { last_hidden_state } = (await model(inputs, { interpolatePosEncoding })) as unknown as Record<
      string,
      Tensor
    >
    const differences = Array.from(last_hidden_state!.data, Number).map((value, i) =>
      Math.abs(value - Number(expected.last_hidden_state!.data[i])),
    )
    expect(Math.max(...differences)).toBeLessThan(1e-4)
  }
})

test('images of another size are refused where nobody allowed them', async () => {
  await using model = await openRecorded('vit/base')
  const inputs = await inputsOf('vit/base', cases['vit/base']![0]!)
  await expect(model(inputs)).rejects.toThrow(InputError)
})
