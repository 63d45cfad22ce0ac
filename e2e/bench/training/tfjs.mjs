/** @file TensorFlow.js as a page can import it: its core, what it has to differentiate by, and the backend for WASM, in one file. */
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const here = fileURLToPath(new URL('.', import.meta.url))

const code = `
import '@tensorflow/tfjs-core/dist/register_all_gradients'
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops'
export * from '@tensorflow/tfjs-core'
export { getThreadsCount, setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm'
`

/** @param {string} folder where tfjs.js is put */
export async function bundleTensorFlow(folder) {
  await build({
    configFile: false,
    logLevel: 'error',
    root: here,
    build: {
      outDir: folder,
      emptyOutDir: true,
      minify: false, // it gives its threads the text of one of its functions
      rolldownOptions: {
        input: 'entry',
        preserveEntrySignatures: 'strict',
        output: { format: 'es', entryFileNames: 'tfjs.js' },
      },
    },
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === 'entry' ? `${here}entry.js` : undefined),
        load: (id) => (id === `${here}entry.js` ? code : undefined),
      },
    ],
  })
}
