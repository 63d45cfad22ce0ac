/** @file For test suites: run a Program on a device and see, besides its outputs, what ran where. */
import type { Program } from '@webformers/graph'
import type { Device } from './adapter'
import { type Client, connect } from './client'
import type { PlainTensor, PlainTensors } from './tensor'

export { settingsOf } from './generation/testing-settings'

/** What a run gave and, on WebGPU, how. */
export interface Execution {
  outputs: PlainTensors
  /** Nodes that fell to the CPU on WebGPU, as `Cast (Cast_3)`: each costs a copy there and back. */
  onCpu: string[]
  /** The shaders a run started, in order; empty on WASM. */
  dispatches: string[]
}

/** A device with a worker of its own, for many programs one after another. */
export interface TestDevice extends AsyncDisposable {
  readonly client: Client
  /** Weights are files of a checkpoint, or tensors by their names in it. */
  run(
    program: Program,
    weights: Record<string, Blob> | PlainTensors,
    inputs: PlainTensors,
  ): Promise<Execution>
  /** The shaders that a job over `client` starts, in order; none on WASM. */
  dispatches(job: () => Promise<unknown>): Promise<string[]>
}

/**
 * Open a device for tests.
 * @example
 * await using device = await openTestDevice('webgpu')
 * const { outputs, onCpu } = await device.run(program, { 'norm.weight': weight }, { x })
 * expect(onCpu).toEqual([])
 */
export async function openTestDevice(device: Device): Promise<TestDevice> {
  const lines: string[] = []
  const spawn = () => {
    const worker = new Worker(new URL('./testing.worker.ts', import.meta.url), { type: 'module' })
    worker.addEventListener('message', ({ data }) => {
      if (typeof data?.log === 'string') lines.push(data.log)
    })
    return worker
  }
  const client = connect({ device, verbose: device === 'webgpu', spawn })
  await client.open()
  let held: Disposable | undefined
  return {
    client,
    async run(program, weights, inputs) {
      lines.length = 0
      const loaded = await client.load(program, asFiles(weights))
      held?.[Symbol.dispose]() // not before: a worker that holds nothing ends
      held = loaded
      const onCpu = fallenToCpu(lines)
      lines.length = 0
      const outputs = await loaded.run(inputs)
      return { outputs, onCpu, dispatches: started(lines) }
    },
    async dispatches(job) {
      lines.length = 0
      await job()
      return started(lines)
    },
    [Symbol.asyncDispose]: () => client.dispose(),
  }
}

/** The nodes that onnxruntime's log lists under its CPU provider. */
export function fallenToCpu(log: readonly string[]): string[] {
  const nodes: string[] = []
  let onCpu = false
  for (const line of log) {
    const message = line.split('VerifyEachNodeIsAssignedToAnEp]')[1]
    const placed = message?.match(/placed on \[(\w+)\]\. Number of nodes: (\d+)/)
    if (!message) onCpu = false
    else if (placed) {
      onCpu = placed[1] === 'CPUExecutionProvider'
      if (onCpu && message.includes('All nodes')) nodes.push(`all ${placed[2]} nodes`)
    } else if (onCpu) nodes.push(message.trim())
  }
  return nodes
}

const started = (log: readonly string[]) =>
  log.flatMap((line) => line.match(/Starting program "([^"]+)"/)?.[1] ?? [])

const isFile = (weight: Blob | PlainTensor): weight is Blob => weight instanceof Blob

function asFiles(weights: Record<string, Blob> | PlainTensors): Record<string, Blob> {
  const entries: [string, Blob | PlainTensor][] = Object.entries(weights)
  if (entries.length > 0 && entries.every(([, weight]) => isFile(weight)))
    return weights as Record<string, Blob>
  return { 'model.safetensors': safetensors(weights as PlainTensors) }
}

const names = {
  float32: 'F32',
  float16: 'F16',
  int32: 'I32',
  int64: 'I64',
  int8: 'I8',
  uint8: 'U8',
  bool: 'BOOL',
}

/** A safetensors file of tensors; `dtypes` renames types that have no array here, such as bfloat16 as float16. */
export function safetensors(tensors: PlainTensors, dtypes: Record<string, string> = {}): Blob {
  let end = 0
  const header = Object.entries(tensors).map(([name, { dtype, shape, data }]) => {
    const start = end
    end += data.byteLength
    return [name, { dtype: dtypes[name] ?? names[dtype], shape, data_offsets: [start, end] }] as const
  })
  const json = JSON.stringify(Object.fromEntries(header))
  const padded = new TextEncoder().encode(json.padEnd(Math.ceil(json.length / 8) * 8))
  const length = new BigUint64Array([BigInt(padded.length)])
  return new Blob([length, padded, ...Object.values(tensors).map(({ data }) => data.slice())])
}
