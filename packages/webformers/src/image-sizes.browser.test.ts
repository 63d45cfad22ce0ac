import { describe, expect, test } from 'vitest'
import recorded from '../fixtures/image-sizes.json'
import { InputError } from './all-errors'
import type { Tensor } from './tensor'
import { type Digest, difference, openRecorded, readRecorded } from './testing/recorded-models'

interface Case {
  readonly size: readonly [height: number, width: number]
  readonly outputs: Readonly<Record<string, Digest>>
}
interface GuidedCase extends Case {
  readonly query_size: Case['size']
}
const { sizes: cases, guided } = recorded as unknown as {
  readonly sizes: Readonly<Record<string, readonly Case[]>>
  readonly guided: Readonly<Record<string, readonly GuidedCase[]>>
}

/** As many images as others: 0.5 · sin(0, 1, 2, …). */
function pixelsLike({ shape: [images = 0, channels = 0] }: Tensor, size: Case['size']): Tensor<'float32'> {
  const shape = [images, channels, ...size]
  const count = shape.reduce((product, dim) => product * dim, 1)
  const data = Float32Array.from({ length: count }, (_, i) => 0.5 * Math.sin(i))
  return { dtype: 'float32', shape, data }
}

/** What was recorded with the model, but for images of another size. */
async function inputsOf(repository: string, { size }: Case) {
  const inputs = await readRecorded(repository, 'inputs.safetensors')
  return { ...inputs, pixel_values: pixelsLike(inputs.pixel_values!, size) }
}

/** All that a model gives is what Python gave. */
function expectRecorded(outputs: object, { size, outputs: expected }: Case) {
  expect(Object.keys(outputs).length).toBeGreaterThan(0)
  for (const [name, value] of Object.entries(outputs) as [string, Tensor][])
    expect(difference(value, expected[name]!), `${size} ${name}`).toBeLessThan(1e-4)
}

const options = (repository: string) =>
  repository.startsWith('swin') ? {} : { interpolatePosEncoding: true }

describe.each([
  { device: 'wasm', models: Object.keys(cases) },
  { device: 'webgpu', models: ['owlvit/object-detection', 'vit/base'] },
] as const)('$device', { timeout: 120_000 }, ({ device, models }) => {
  test.each([...models])('%s: images of other sizes are seen as in Python', async (repository) => {
    await using model = await openRecorded(repository, { device })
    for (const one of cases[repository]!) {
      expectRecorded(await model(await inputsOf(repository, one), options(repository)), one)
    }
  })
})

test.each(Object.entries(guided))(
  '%s: so are those that show what is looked for',
  async (repository, all) => {
    await using model = await openRecorded(repository)
    for (const one of all) {
      const { pixel_values } = await inputsOf(repository, one)
      const query_pixel_values = pixelsLike(pixel_values, one.query_size)
      const given = { pixel_values, query_pixel_values }
      expectRecorded(await model.imageGuidedDetection(given, { interpolatePosEncoding: true }), one)
    }
  },
)

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
