/** @file An engine in a worker that breaks on command, for tests. */
import { expose } from 'comlink'
import { Engine } from './engine'
import { registerErrors } from './wire'

export type Fault = 'throw' | 'close' | 'lose device'

const devices: GPUDevice[] = []
if (globalThis.GPUAdapter) {
  const { requestDevice } = GPUAdapter.prototype
  GPUAdapter.prototype.requestDevice = async function (descriptor) {
    const device = await requestDevice.call(this, descriptor)
    devices.push(device)
    return device
  }
}

const faults: Record<Fault, () => void> = {
  throw: () => {
    throw new Error('a bug')
  },
  close: () => self.close(),
  'lose device': () => {
    for (const device of devices) device.destroy()
  },
}
self.addEventListener('message', ({ data }: MessageEvent<{ fault?: Fault }>) => {
  if (data.fault) faults[data.fault]()
})

registerErrors()
expose(new Engine())
