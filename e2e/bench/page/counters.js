/** @file Counts what a thread asks of its GPU. Loaded into the page and, ahead of its own script, into each worker. */

const counters = { dispatches: 0, submits: 0, readbacks: 0, read: 0, written: 0 }

/** @param amount what a call counts: how often, or how many bytes */
function count(type, method, name, amount = () => 1) {
  const original = type?.prototype[method]
  if (!original) return
  type.prototype[method] = function (...values) {
    counters[name] += amount.apply(this, values)
    return original.apply(this, values)
  }
}

count(globalThis.GPUComputePassEncoder, 'dispatchWorkgroups', 'dispatches')
count(globalThis.GPUComputePassEncoder, 'dispatchWorkgroupsIndirect', 'dispatches')
count(globalThis.GPUQueue, 'submit', 'submits')
const reads = (mode) => mode === GPUMapMode.READ
count(globalThis.GPUBuffer, 'mapAsync', 'readbacks', (mode) => Number(reads(mode)))
count(globalThis.GPUBuffer, 'mapAsync', 'read', function (mode, offset = 0, size = this.size - offset) {
  return reads(mode) ? size : 0
})
count(globalThis.GPUQueue, 'writeBuffer', 'written', (_buffer, _at, data, begin = 0, size) => {
  const unit = data.BYTES_PER_ELEMENT ?? 1
  return size === undefined ? data.byteLength - begin * unit : size * unit
})

const channel = new BroadcastChannel('webgpu-counters')
channel.onmessage = ({ data }) => {
  if (data === 'read') channel.postMessage({ ...counters })
}

if (globalThis.DedicatedWorkerGlobalScope) {
  // The front door has no option for onnxruntime's log: the message that opens the engine gets one on its way.
  addEventListener('message', ({ data }) => {
    for (const { value } of data?.argumentList ?? []) if (value?.device) value.verbose = true
  })
} else {
  globalThis.Worker = class extends Worker {
    constructor(url, options) {
      const imports = [import.meta.url, new URL(url, location.href)].map(
        (one) => `import ${JSON.stringify(String(one))}`,
      )
      super(URL.createObjectURL(new Blob([imports.join('\n')], { type: 'text/javascript' })), {
        ...options,
        type: 'module',
      })
    }
  }
}
