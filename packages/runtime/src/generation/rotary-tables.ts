/** @file The cosines and sines of rotary positions in buffers of the GPU: they stay there from one token to the next. */
import type { DecodingProgram, DerivedInput } from '@webformers/graph'
import { rotaryTable } from '../inputs'
import type { DeviceTensor, DeviceTensors, Session } from '../session'
import { bytesOf, roomFor } from './cache/device-cache'

type Table = Extract<DerivedInput, { kind: 'cos' | 'sin' }>

export class RotaryTables {
  readonly #tables: ReadonlyMap<string, Table>
  readonly #made = new Map<string, DeviceTensor>()
  #rows = 0

  constructor(
    private readonly gpu: GPUDevice,
    { decode, mask }: DecodingProgram,
  ) {
    const total = decode.inputs[mask]?.shape[1]
    this.#tables = new Map(
      Object.entries(decode.derived).filter((entry): entry is [string, Table] => {
        const [, what] = entry
        const turns = what.kind === 'cos' || what.kind === 'sin'
        return turns && what.endOf === undefined && what.dims[0] === total
      }),
    )
  }

  /** The names of the inputs that they are. */
  get names(): ReadonlySet<string> {
    return new Set(this.#tables.keys())
  }

  /** A session that is fed them, for a text of so many tokens. */
  feeding(session: Session, total: number): Session {
    if (this.#tables.size === 0) return session
    if (total > this.#rows) this.#make(roomFor(total))
    const tables: DeviceTensors = Object.fromEntries(this.#made)
    return {
      run: (feeds, outputs, resident) =>
        session.run(feeds, outputs, {
          feeds: { ...resident?.feeds, ...tables },
          outputs: resident?.outputs ?? {},
        }),
      release: () => session.release(),
    }
  }

  #make(rows: number) {
    this.release()
    for (const [name, what] of this.#tables) {
      const { data, shape } = rotaryTable(Math[what.kind], 0, rows, what)
      const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC
      const buffer = this.gpu.createBuffer({ size: bytesOf(shape), usage })
      this.gpu.queue.writeBuffer(buffer, 0, data as Float32Array<ArrayBuffer>)
      this.#made.set(name, { buffer, shape })
    }
    this.#rows = rows
  }

  release() {
    for (const { buffer } of this.#made.values()) buffer.destroy()
    this.#made.clear()
    this.#rows = 0
  }
}
