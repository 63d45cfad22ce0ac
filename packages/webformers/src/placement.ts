/** @file On which device a model runs. */
import { findCheckpoint, type Repository } from '@webformers/hub'
import { chooseDevice, type Device, describeAdapter, findAdapter } from '@webformers/runtime'
import { OptionError } from './errors'
import { cpuOnly, type LoadOptions } from './load-options'
import { isExported } from './onnx/is-exported'

/** The device that the options mean. Only a real GPU makes the size of the weights matter, and only then is it asked for. */
export async function deviceFor(options: LoadOptions, opening: Promise<Repository>): Promise<Device> {
  const { device = 'auto', dtype } = options
  const onCpu =
    typeof dtype === 'string' &&
    cpuOnly.includes(dtype) &&
    (dtype !== 'q8' || (await isExported(await opening, options)))
  if (device === 'webgpu' && onCpu) {
    throw new OptionError(
      `dtype '${dtype}' runs on WASM only. Use device: 'wasm', or another dtype: of original weights a GPU takes 'q8', 'q4', ` +
        "'q4f16', 'fp16' and 'fp32'.",
    )
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
