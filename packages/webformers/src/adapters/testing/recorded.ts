/** @file For tests in a browser: adapters that Python's peft wrote, and what the models with them gave. */
import { openCheckpoint } from '@webformers/hub'
import recorded from '../../../fixtures/adapters/adapters.json'
import { type Tensor, tensor } from '../../tensor'

export { recorded }

const urls = import.meta.glob<string>('../../../fixtures/adapters/*/*', {
  query: '?url',
  import: 'default',
  eager: true,
})

const blob = async (adapter: string, file: string) =>
  (await fetch(urls[`../../../fixtures/adapters/${adapter}/${file}`]!)).blob()

/** The files of an adapter. */
export const adapterOf = async (adapter: string) => ({
  'adapter_config.json': await blob(adapter, 'adapter_config.json'),
  'adapter_model.safetensors': await blob(adapter, 'adapter_model.safetensors'),
})

/** Labels, loss, logits and gradients. */
export async function expectedOf(adapter: string): Promise<Record<string, Tensor>> {
  const checkpoint = await openCheckpoint({
    'expected.safetensors': await blob(adapter, 'expected.safetensors'),
  })
  const read = [...checkpoint.entries].map(async ([key, { dtype, shape }]) => {
    const { buffer } = Uint8Array.from(await checkpoint.bytes(key))
    const data = dtype === 'I32' ? new Int32Array(buffer) : new Float32Array(buffer)
    return [key, tensor(data, shape, dtype === 'I32' ? 'int32' : 'float32')] as const
  })
  return Object.fromEntries(await Promise.all(read))
}

/** The largest difference between numbers. */
export function apart(a: ArrayLike<number | bigint>, b: ArrayLike<number | bigint>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY
  return Array.from(a).reduce<number>((most, x, i) => {
    const difference = Math.abs(Number(x) - Number(b[i]))
    return difference > most || Number.isNaN(difference) ? difference : most
  }, 0)
}

export const largest = (values: ArrayLike<number | bigint>) =>
  Array.from(values).reduce<number>((most, x) => Math.max(most, Math.abs(Number(x))), 0)
