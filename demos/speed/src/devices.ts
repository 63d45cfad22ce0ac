/** @file What this browser can run a model on, and what a model can be held in there. */
import type { Device, Precision } from 'webformers'

export interface Gpu {
  readonly name: string
  /** A GPU played by the CPU: slower than WebAssembly. */
  readonly software: boolean
  /** Whether it computes in half precision. */
  readonly half: boolean
}

export const findAdapter = async (): Promise<GPUAdapter | null> =>
  (await navigator.gpu?.requestAdapter({ powerPreference: 'high-performance' })) ?? null

/** The GPU that pages may use, if there is one. */
export async function findGpu(): Promise<Gpu | undefined> {
  const adapter = await findAdapter()
  if (!adapter) return undefined
  const { vendor, architecture, device, description, isFallbackAdapter } = adapter.info
  const name = description || [vendor, architecture, device].filter(Boolean).join(' ') || 'a GPU'
  const software =
    isFallbackAdapter || /swiftshader|llvmpipe|basic render|software/i.test(`${architecture} ${name}`)
  return { name, software, half: adapter.features.has('shader-f16') }
}

/** As many as the library takes by itself. */
export const threads = (): number => (crossOriginIsolated ? Math.min(navigator.hardwareConcurrency, 4) : 1)

/** What can be asked for on a device, and what it is. */
export function dtypesOf(device: Device, gpu: Gpu | undefined): [dtype: Precision, meaning: string][] {
  if (device === 'wasm')
    return [
      ['fp32', 'fp32: single precision'],
      ['fp16', 'fp16: computed in single precision'],
      ['int8', 'int8: matrices of 8 bits'],
      ['q8', 'q8: rounded to 8 bits, held in single precision'],
      ['q4', 'q4: rounded to 4 bits, held in single precision'],
    ]
  const half: [Precision, string][] = [
    ['fp16', 'fp16: half precision'],
    ['q4f16', 'q4f16: blocks of 4 bits, else half precision'],
  ]
  return [
    ['fp32', 'fp32: single precision'],
    ['q8', 'q8: blocks of 8 bits'],
    ['q4', 'q4: blocks of 4 bits'],
    ...(gpu?.half ? half : []),
  ]
}
