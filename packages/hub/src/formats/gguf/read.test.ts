import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { openCheckpoint } from '../../checkpoint'
import { itemSize } from '../../tensor-entry'
import { ggufConfig } from './config'
import { readGgufMetadata } from './metadata'

interface Recorded {
  config: Record<string, unknown>
  tensors: Record<string, { shape: number[]; sha256: string; first: number[] }>
}

const read = (name: string) => readFileSync(new URL(`./fixture/${name}`, import.meta.url))
const models: Record<string, Recorded> = JSON.parse(read('models.json').toString())

/** What a file tells and Python leaves at its default. */
const further: Record<string, Record<string, number>> = {
  gpt2: { n_positions: 1024 },
  'gpt2-blocks': { n_positions: 1024 },
  qwen3: { head_dim: 128 },
}

describe.each(Object.entries(models))('%s', (name, { config, tensors }) => {
  const blob = new Blob([read(`${name}.gguf`)])

  test('has the configuration that transformers makes of it', async () => {
    const own = await ggufConfig(await readGgufMetadata(`${name}.gguf`, blob))
    expect(own).toEqual({ ...config, ...further[name] })
  })

  test('has the tensors that transformers loads from it, to the last bit', async () => {
    const checkpoint = await openCheckpoint({ [`${name}.gguf`]: blob })
    const own: Recorded['tensors'] = {}
    for (const [tensor, { shape, dtype }] of checkpoint.entries) {
      const bytes = await checkpoint.bytes(tensor)
      const single = { F32: bytes, F16: halvesOf(bytes), BF16: brainsOf(bytes) }[dtype as 'F32']
      expect(single, `${tensor} of type ${dtype}`).toBeDefined()
      expect(bytes.length).toBe(shape.reduce((product, size) => product * size, itemSize[dtype]))
      const sha256 = createHash('sha256').update(single).digest('hex')
      own[tensor] = { shape: [...shape], sha256, first: [...new Float32Array(single.slice(0, 12).buffer)] }
    }
    expect(own).toEqual(tensors)
  })
})

test('numbers that need no change are those in the file', async () => {
  const file = new Blob([read('llama-k.gguf')])
  const { entries } = await openCheckpoint({ 'model.gguf': file })
  const { dtype, decode, offset, length } = entries.get('model.embed_tokens.weight')!
  expect([dtype, decode, length]).toEqual(['F32', undefined, 64 * 32 * 4])
  expect(offset % 128).toBe(0)
  expect(entries.get('model.layers.0.self_attn.k_proj.weight')!.dtype).toBe('BF16')
  expect(entries.get('model.layers.0.mlp.down_proj.weight')).toMatchObject({
    dtype: 'F32',
    originalName: 'blk.0.ffn_down.weight',
    length: 32 * 144,
  })
})

/** Half precision → single, by arithmetic of its own. */
function halvesOf(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const numbers = Float32Array.from(new Uint16Array(bytes.slice().buffer), (bits) => {
    const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023]
    const size = exponent === 0 ? fraction / 2 ** 24 : (1 + fraction / 1024) * 2 ** (exponent - 15)
    return bits & 0x8000 ? -size : size
  })
  return new Uint8Array(numbers.buffer)
}

function brainsOf(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Uint32Array.from(new Uint16Array(bytes.slice().buffer), (bits) => bits << 16).buffer)
}
