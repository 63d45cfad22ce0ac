/** @file The GPU of this browser: what it is, whether it is one, and which device suits a model. */
import { UnsupportedDeviceError } from './errors'

export type Device = 'wasm' | 'webgpu'

/** What a browser tells of its GPU. */
export interface AdapterDescription {
  vendor: string
  architecture: string
  description: string
  /** A GPU played by the CPU: right, and slower than WASM. */
  software: boolean
}

/** An adapter of this browser, `undefined` where it has none. */
export const findAdapter = async (): Promise<GPUAdapter | undefined> =>
  (await globalThis.navigator?.gpu?.requestAdapter({ powerPreference: 'high-performance' })) ?? undefined

export function describeAdapter({ info }: GPUAdapter): AdapterDescription {
  const { vendor, architecture, description } = info
  const names = `${vendor} ${architecture} ${description}`
  const software = info.isFallbackAdapter || /swiftshader|llvmpipe|basic render|software/i.test(names)
  return { vendor, architecture, description, software }
}

/** Below this many bytes of weights an encoder is done on the CPU before a GPU has been told what to do. */
const SMALL = 200e6

/**
 * The device that `device: 'auto'` means: WASM where the browser has no real GPU or the model is small, WebGPU otherwise.
 * @param parameterBytes how large the weights are; give what is known of them, such as the size of the checkpoint's files.
 * @param adapter the browser's GPU; `undefined` for none.
 * @example chooseDevice({ parameterBytes: 90e6, adapter }) // 'wasm'
 */
export function chooseDevice({
  parameterBytes,
  adapter,
}: {
  parameterBytes: number
  adapter: AdapterDescription | undefined
}): Device {
  return !adapter || adapter.software || parameterBytes < SMALL ? 'wasm' : 'webgpu'
}

/** Features that let onnxruntime choose better kernels. */
const FAST: readonly string[] = [
  'shader-f16',
  'subgroups',
  'subgroup-size-control',
  'chromium-experimental-subgroup-matrix',
]

/** Limits that onnxruntime's kernels and large weights outgrow at their defaults. */
const WIDE = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupSizeZ',
  'maxComputeWorkgroupsPerDimension',
] as const

/**
 * A GPU device made for onnxruntime, with all its adapter offers.
 * @throws {UnsupportedDeviceError} when this browser has no GPU to offer.
 */
export async function requestDevice(): Promise<{ gpu: GPUDevice; adapter: AdapterDescription }> {
  const found = await findAdapter()
  if (!found) {
    throw new UnsupportedDeviceError(
      `device: 'webgpu' was asked for, but this browser ${globalThis.navigator?.gpu ? 'has no GPU it lets pages use' : 'has no WebGPU'}. ` +
        "Use device: 'wasm', or 'auto' to take what there is.",
    )
  }
  const adapter = describeAdapter(found)
  // With subgroups onnxruntime picks an attention kernel that software adapters, whose subgroups are small, get wrong;
  // subgroup-size-control brings them back.
  const features = FAST.filter(
    (name) => found.features.has(name) && !(adapter.software && name.includes('subgroup')),
  )
  const limits = WIDE.map((name) => [name, found.limits[name]] as const)
  const gpu = await found.requestDevice({
    requiredFeatures: features as GPUFeatureName[],
    requiredLimits: Object.fromEntries(limits),
  })
  return { gpu, adapter }
}
