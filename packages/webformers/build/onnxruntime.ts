/**
 * @file onnxruntime as the built worker finds it: three builds as files beside it, of which one is fetched. Bundled into the
 * worker, it would start its threads from the worker's script, which isn't theirs, and wait for them for ever.
 */
import type * as Onnxruntime from 'onnxruntime-web'

// Written out, because bundlers take along the files they see in this very expression.
const files = {
  wasm: () => ({
    script: new URL('./onnxruntime.wasm.js', import.meta.url),
    mjs: new URL('./onnxruntime.wasm.loader.js', import.meta.url),
    wasm: new URL('./onnxruntime.wasm.wasm', import.meta.url),
  }),
  jspi: () => ({
    script: new URL('./onnxruntime.jspi.js', import.meta.url),
    mjs: new URL('./onnxruntime.jspi.loader.js', import.meta.url),
    wasm: new URL('./onnxruntime.jspi.wasm', import.meta.url),
  }),
  webgpu: () => ({
    script: new URL('./onnxruntime.webgpu.js', import.meta.url),
    mjs: new URL('./onnxruntime.webgpu.loader.js', import.meta.url),
    wasm: new URL('./onnxruntime.webgpu.wasm', import.meta.url),
  }),
}

/** In place of `import('onnxruntime-web/…')`. */
export async function load(build: keyof typeof files): Promise<typeof Onnxruntime> {
  const { script, mjs, wasm } = files[build]()
  const onnxruntime: typeof Onnxruntime = await import(
    /* @vite-ignore */ /* webpackIgnore: true */ script.href
  )
  onnxruntime.env.wasm.wasmPaths = { mjs, wasm }
  return onnxruntime
}
