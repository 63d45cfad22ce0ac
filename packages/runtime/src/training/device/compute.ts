/** @file Computations on the GPU beside those of the session: small shaders over buffers that both of them share. */

import { ExecutionError } from '../../errors'

/** The type of each setting, by its name. */
type Settings = Readonly<Record<string, 'u32' | 'f32'>>

/** A shader: what it reads and writes, and what it does. */
export interface Shader<S extends Settings = Settings> {
  readonly settings: S
  /** What the buffers are called in it. */
  readonly buffers: readonly string[]
  /** What one thread does; `group` is the number of its workgroup, `local` its own number there, `index` that among all. */
  readonly code: string
}

/** Threads of a workgroup, which all of our shaders have. */
export const GROUP = 256
/** Workgroups that one dimension may have on any device. */
const WIDEST = 65535
/** Where settings may begin in a buffer. */
const STRIDE = 256

/** Sums a number of each thread of a workgroup; all of them must call it. */
const total = `
var<workgroup> parts: array<f32, ${GROUP}>;
fn total(value: f32, local: u32) -> f32 {
  workgroupBarrier();
  parts[local] = value;
  for (var half = ${GROUP / 2}u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (local < half) { parts[local] += parts[local + half]; }
  }
  workgroupBarrier();
  return parts[0];
}`

function sourceOf({ settings, buffers, code }: Shader): string {
  const fields = Object.entries(settings).map(([name, type]) => `${name}: ${type}`)
  return `
struct Settings { ${fields.join(', ')} }
@group(0) @binding(0) var<uniform> settings: Settings;
${buffers.map((name, i) => `@group(0) @binding(${i + 1}) var<storage, read_write> ${name}: array<f32>;`).join('\n')}
${code.includes('total(') ? total : ''}
@compute @workgroup_size(${GROUP})
fn main(
  @builtin(workgroup_id) at: vec3u, @builtin(num_workgroups) wide: vec3u, @builtin(local_invocation_index) local: u32
) {
  let group = at.x + at.y * wide.x;
  let index = group * ${GROUP}u + local;
  ${code}
}`
}

type Values<S extends Settings> = Readonly<Record<keyof S, number>>

interface Dispatch {
  readonly shader: Shader
  readonly buffers: readonly GPUBuffer[]
  readonly values: Readonly<Record<string, number>>
  readonly groups: number
}

/** Shaders that wait to be run one after another. */
export class Compute {
  readonly #gpu: GPUDevice
  readonly #pipelines = new Map<Shader, GPUComputePipeline>()
  #waiting: Dispatch[] = []

  constructor(gpu: GPUDevice) {
    this.#gpu = gpu
  }

  /** Run a shader with so many workgroups, after those that wait. */
  add<S extends Settings>(
    shader: Shader<S>,
    buffers: readonly GPUBuffer[],
    values: Values<S>,
    groups: number,
  ) {
    this.#waiting.push({ shader, buffers, values, groups })
  }

  /**
   * The work of all that wait goes to the GPU.
   * @throws {ExecutionError} when a shader does not compile there.
   */
  async submit(): Promise<void> {
    const gpu = this.#gpu
    const pipelines = new Map<Shader, GPUComputePipeline>()
    for (const { shader } of this.#waiting) pipelines.set(shader, await this.#pipelineOf(shader))
    const uniform = gpu.createBuffer({
      size: STRIDE * this.#waiting.length,
      usage: GPUBufferUsage.UNIFORM,
      mappedAtCreation: true,
    })
    const written = new DataView(uniform.getMappedRange())
    for (const [i, { shader, values }] of this.#waiting.entries()) {
      for (const [field, [name, type]] of Object.entries(shader.settings).entries()) {
        const place = i * STRIDE + field * 4
        if (type === 'u32') written.setUint32(place, values[name]!, true)
        else written.setFloat32(place, values[name]!, true)
      }
    }
    uniform.unmap()
    const encoder = gpu.createCommandEncoder()
    const pass = encoder.beginComputePass()
    for (const [i, { shader, buffers, groups }] of this.#waiting.entries()) {
      const pipeline = pipelines.get(shader)!
      const size = Math.ceil((Object.keys(shader.settings).length * 4) / 16) * 16
      const resources = [
        { buffer: uniform, offset: i * STRIDE, size },
        ...buffers.map((buffer) => ({ buffer })),
      ]
      pass.setPipeline(pipeline)
      pass.setBindGroup(
        0,
        gpu.createBindGroup({
          layout: pipeline.getBindGroupLayout(0),
          entries: resources.map((resource, binding) => ({ binding, resource })),
        }),
      )
      const rows = Math.ceil(groups / WIDEST)
      pass.dispatchWorkgroups(Math.ceil(groups / rows), rows)
    }
    pass.end()
    gpu.queue.submit([encoder.finish()])
    uniform.destroy()
    this.#waiting = []
  }

  async #pipelineOf(shader: Shader): Promise<GPUComputePipeline> {
    const known = this.#pipelines.get(shader)
    if (known) return known
    const module = this.#gpu.createShaderModule({ code: sourceOf(shader) })
    const pipeline = await this.#gpu
      .createComputePipelineAsync({ layout: 'auto', compute: { module, entryPoint: 'main' } })
      .catch((cause) => {
        throw new ExecutionError(`The GPU refused a shader of the optimizer: ${cause}`, { cause })
      })
    this.#pipelines.set(shader, pipeline)
    return pipeline
  }
}
