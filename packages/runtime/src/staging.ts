/** @file How weights reach a GPU: in pieces that wait for their turn. */

/** Small enough to travel among the commands to the GPU, whose room is bounded. */
const PIECE = 2 ** 18

/** onnxruntime stages each weight in a buffer of this kind. */
const isStaging = ({ mappedAtCreation, usage }: GPUBufferDescriptor) =>
  mappedAtCreation === true && usage === (GPUBufferUsage.MAP_WRITE | GPUBufferUsage.COPY_SRC)

/**
 * Let a device stage what is uploaded meanwhile in pieces. The memory that a mapped buffer shares with the GPU's process is not
 * given back before the task that fills it ends, and a session takes all its weights in one task.
 */
export async function stagedInPieces<T>(device: GPUDevice, work: () => Promise<T>): Promise<T> {
  const create = device.createBuffer.bind(device)
  device.createBuffer = (descriptor) => {
    if (!isStaging(descriptor)) return create(descriptor)
    const { size } = descriptor
    const buffer = create({ size, usage: GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST })
    const bytes = new ArrayBuffer(size)
    return Object.assign(buffer, {
      getMappedRange: () => bytes,
      unmap() {
        for (let begin = 0; begin < size; begin += PIECE)
          device.queue.writeBuffer(buffer, begin, bytes, begin, Math.min(PIECE, size - begin))
        free(bytes)
      },
    })
  }
  try {
    return await work()
  } finally {
    device.createBuffer = create
  }
}

/** Nobody listens at the other end. */
const { port1: nowhere, port2 } = new MessageChannel()
port2.close()

/**
 * Free a buffer now, not when garbage is collected. Detaching alone leaves the bytes of a Blob's buffer to the browser, which counts
 * on them until it collects the object; what is sent away it gives up.
 */
export function free(buffer: ArrayBuffer | undefined) {
  if (buffer) nowhere.postMessage(undefined, [buffer])
}
