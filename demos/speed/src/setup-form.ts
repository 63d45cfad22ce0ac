/** @file What is to be measured: which model, on what, held in what. */
import type { Device, Precision } from 'webformers'
import { element, make } from '../../shared/dom'
import { dtypesOf, type Gpu, threads } from './devices'
import type { Setup } from './measure'
import { deviceName } from './result'

/** What model.json says. A server near the page may answer with its own: see e2e/serve-demos.mjs. */
export interface ModelSource {
  readonly repository: string
  /** The file in it, where it is one of llama.cpp's. */
  readonly ggufFile?: string
  /** The Hub, or the address of a mirror. */
  readonly endpoint: string
  /** Why it is not the Hub. */
  readonly notice?: string
}

export const readSource = async (): Promise<ModelSource> => (await fetch('./model.json')).json()

/** @returns a function that gives what is set */
export function setupForm(suggested: ModelSource, gpu: Gpu | undefined): () => Setup {
  const own = element('own', HTMLInputElement)
  const repository = element('repository', HTMLInputElement)
  const device = element('device', HTMLSelectElement)
  const dtype = element('dtype', HTMLSelectElement)

  element('suggested-name', HTMLElement).textContent = suggested.repository.split('/').at(-1)!
  const devices: Device[] = gpu && !gpu.software ? ['webgpu', 'wasm'] : gpu ? ['wasm', 'webgpu'] : ['wasm']
  device.replaceChildren(...devices.map((value) => make('option', { value }, deviceName(value))))

  const processor = () => {
    if (device.value === 'webgpu') return gpu!.name
    return threads() === 1 ? '1 thread' : `${threads()} threads`
  }

  function changed() {
    element('repository-settings', HTMLElement).hidden = !own.checked
    repository.required = own.checked
    const before = dtype.value
    const known = dtypesOf(device.value as Device, gpu)
    // Blocks of such a file that are no larger stay as they are: what a token reads is then not told by the dtype.
    const blocks = device.value === 'webgpu' && !own.checked && suggested.ggufFile !== undefined
    const offered = known.filter(([name]) => !blocks || !name.startsWith('q'))
    dtype.replaceChildren(...offered.map(([value, meaning]) => make('option', { value }, meaning)))
    if (offered.some(([name]) => name === before)) dtype.value = before
    element('processor', HTMLElement).textContent = `${processor()}.`
  }
  element('settings', HTMLFormElement).addEventListener('change', changed)
  changed()

  return () => ({
    repository: own.checked ? repository.value.trim() : suggested.repository,
    ggufFile: own.checked ? undefined : suggested.ggufFile,
    endpoint: suggested.endpoint,
    device: device.value as Device,
    dtype: dtype.value as Precision,
    processor: processor(),
  })
}
