/** @file The line that says which model runs, where it came from, and on what device; and the choice of the device. */
import { element } from '../../shared/dom'
import { announce, megabytes } from './elements'
import type { DeviceChoice, ModelState, SharedModel } from './model'

const names = { wasm: 'WebAssembly', webgpu: 'WebGPU' }

export function modelBar(model: SharedModel): void {
  const picker = element('device', HTMLSelectElement)
  const runtime = element('runtime', HTMLElement)
  const origin = element('origin', HTMLElement)
  const { repository, endpoint, notice } = model.source
  const host = new URL(endpoint, location.href).host
  origin.textContent = notice ? `${repository}. ${notice}` : `${repository}, from ${host}.`

  for (const option of picker.options) option.disabled = option.value === 'webgpu' && !('gpu' in navigator)
  picker.addEventListener('change', () => model.use(picker.value as DeviceChoice))
  model.onChange((state) => {
    runtime.textContent = describe(state)
    if (state.phase === 'ready') announce(describe(state))
  })
}

function describe(state: ModelState): string {
  switch (state.phase) {
    case 'absent':
      return 'No model yet'
    case 'failed':
      return 'No model'
    case 'loading':
      return state.total ? `Loading ${megabytes(state.loaded)} of ${megabytes(state.total)}` : 'Loading'
    case 'ready':
      return `Runs on ${names[state.device]}${state.device === 'wasm' ? `, ${threads()}` : ''}`
  }
}

/** onnxruntime takes up to four threads, where the page may share memory between them. */
function threads(): string {
  const number = crossOriginIsolated ? Math.min(4, navigator.hardwareConcurrency) : 1
  return number === 1 ? '1 thread' : `${number} threads`
}
