/** @file What a page downloads that uses nothing but a tokenizer: bundled, minified, gzipped. */
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build, defaultClientConditions } from 'vite'

const here = fileURLToPath(new URL('.', import.meta.url))

const entries = {
  ours: `export { AutoTokenizer } from '@webformers/tokenizers'`,
  peer: `export { Tokenizer } from '@huggingface/tokenizers'`,
}

/** @returns {Promise<{ raw: number, gzip: number }>} bytes of all chunks, each compressed by itself as a server would */
export async function measureSize(side) {
  const { output } = await build({
    configFile: false,
    logLevel: 'error',
    root: here,
    resolve: { conditions: ['@webformers/source', ...defaultClientConditions] },
    worker: { format: 'es' },
    build: {
      write: false,
      minify: true,
      rolldownOptions: { input: 'entry', preserveEntrySignatures: 'strict', output: { format: 'es' } },
    },
    plugins: [entry(entries[side])],
  })
  const contents = output.map((chunk) => Buffer.from(chunk.code ?? chunk.source))
  const sum = (sizes) => sizes.reduce((total, size) => total + size, 0)
  return {
    raw: sum(contents.map(({ length }) => length)),
    gzip: sum(contents.map((content) => gzipSync(content).length)),
  }
}

/** A module of that code, which imports as if it lay in this folder. */
const entry = (code) => ({
  name: 'entry',
  resolveId: (id) => (id === 'entry' ? `${here}entry.js` : undefined),
  load: (id) => (id === `${here}entry.js` ? code : undefined),
})
