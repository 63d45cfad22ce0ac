/** @file On which device a model runs, and what its weights are held in. */
import type { Target } from '@webformers/graph'
import { findCheckpoint, type Repository } from '@webformers/hub'
import type { Json } from '@webformers/models'
import {
  type Capabilities,
  chooseDevice,
  type Device,
  describeAdapter,
  findAdapter,
} from '@webformers/runtime'
import { OptionError } from './errors'
import { cpuOnly, type LoadOptions, type Precision } from './load-options'
import { isExported } from './onnx/is-exported'

/** The device that the options mean. Only a real GPU makes the size of the weights matter, and only then is it asked for. */
export async function deviceFor(options: LoadOptions, opening: Promise<Repository>): Promise<Device> {
  const { device = 'auto', dtype } = options
  const onCpu = typeof dtype === 'string' && cpuOnly.includes(dtype)
  if (device === 'webgpu' && onCpu) {
    throw new OptionError(`dtype '${dtype}' runs on WASM only. Use device: 'wasm', or another dtype.`)
  }
  if (device !== 'auto') return device
  if (onCpu) return 'wasm'
  const found = await findAdapter()
  const adapter = found && describeAdapter(found)
  if (!adapter || adapter.software) return 'wasm'
  return chooseDevice({ parameterBytes: await checkpointBytes(await opening, options), adapter })
}

/** A checkpoint in several files is a large one. */
async function checkpointBytes(repository: Repository, options: LoadOptions): Promise<number> {
  if (await isExported(repository, options)) {
    const { gpuBytes } = await import('./onnx/graph-files')
    return gpuBytes(repository, options)
  }
  const file = await findCheckpoint(repository, options)
  return file.endsWith('.json') ? Number.POSITIVE_INFINITY : ((await repository.size(file)) ?? 0)
}

const isPrecision = (dtype: unknown): dtype is Precision =>
  dtype === 'fp32' || dtype === 'fp16' || dtype === 'int8'

/** @throws {OptionError} when `dtype` is one that only exported files have */
export function precisionFor(
  dtype: LoadOptions['dtype'] = 'auto',
  config: Json,
  { device, float16 }: Capabilities,
): Precision {
  const able = device === 'wasm' || float16
  if (dtype === 'fp16' && !able) {
    console.warn("webformers: this GPU does not compute in half precision, so dtype 'fp16' becomes 'fp32'.")
    return 'fp32'
  }
  if (isPrecision(dtype)) return dtype
  if (dtype !== 'auto') {
    throw new OptionError(
      `dtype ${JSON.stringify(dtype)} names exported files, but the original weights are loaded, which take 'fp32', 'fp16' or 'int8'. ` +
        'To load exported graphs instead, say { fromOnnx: true }.',
    )
  }
  return able && (config.dtype === 'float16' || config.torch_dtype === 'float16') ? 'fp16' : 'fp32'
}

/** What a device keeps weights in and computes with: WASM holds half precision but is no faster in it. */
export function numbersOf(dtype: Precision, device: Device): Pick<Target, 'weights' | 'compute'> {
  if (dtype === 'int8') return { weights: 'int8', compute: 'float32' }
  if (dtype === 'fp32') return { weights: 'float32', compute: 'float32' }
  return { weights: 'float16', compute: device === 'webgpu' ? 'float16' : 'float32' }
}
