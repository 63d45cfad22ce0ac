/**
 * @file Writes dist/: the package for bundlers and for `<script type="module">` alike, with all it imports inside. What only a
 * first load, a training or saving needs lies in chunks of its own, and the compiler's worker in one file beside them.
 */
import { copyFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundle, bundleTypes, bundleWorker, replaceModule } from './bundle.mjs'
import { chunksOf, printDownload, printFolder } from './sizes.mjs'

const home = fileURLToPath(new URL('..', import.meta.url))
const dist = join(home, 'dist')
const front = join(home, 'src/index.ts')

rmSync(dist, { recursive: true, force: true })
const page = await bundle(
  {
    input: { index: front },
    plugins: [replaceModule('spawn-compiler', join(home, 'build/spawn-compiler.ts'))],
  },
  { dir: dist, minify: true, chunkFileNames: '[name].js' },
)
const worker = await bundleWorker('compiler.worker', join(home, 'src/compiler/compiler.worker.ts'), dist)
await bundleTypes({ input: { index: front } }, dist)
copyFileSync(join(home, '../../LICENSE'), join(home, 'LICENSE')) // npm packs it

printFolder(dist)
const entry = chunksOf(page, 'tokenizers/src/index.ts')
const compiler = chunksOf(page, 'compiler/blueprint.ts')
printDownload('a tokenizer alone that was compiled before', entry)
printDownload('… that is opened for the first time, up to 800 kB', [...entry, ...compiler])
printDownload('… that is opened for the first time, larger', [...entry, ...worker])
