/**
 * @file Writes dist/ twice over: the package for bundlers, index.js and index.d.ts with a file for each source file, and
 * webformers.js with its worker for `<script type="module">`. Both find onnxruntime's files in dist/.
 */
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundle, bundleTypes, bundleWorker, replaceModule } from '../../tokenizers/build/bundle.mjs'
import { chunksOf, printDownload, printFolder } from '../../tokenizers/build/sizes.mjs'

const home = fileURLToPath(new URL('..', import.meta.url))
const dist = join(home, 'dist')
const front = join(home, 'src/index.ts')
const worker = join(home, '../runtime/src/worker.ts')
const compiler = join(home, '../tokenizers/src/compiler/compiler.worker.ts')
const parquet = join(home, 'src/data/parquet.worker.ts')
const images = join(home, '../processors/src/images/images.worker.ts')

const { dependencies } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'))
const external = Object.keys(dependencies).map((name) => new RegExp(`^${name}(/|$)`))

/** Swaps `import('onnxruntime-web/jspi')` for `load('jspi')` of onnxruntime.ts, and lets no other import of it through. */
const onnxruntimeBeside = {
  name: 'onnxruntime-beside',
  transform: {
    filter: { code: /import\('onnxruntime-web\/\w/ },
    handler: (code) =>
      `import { load as loadOnnxruntime } from ${JSON.stringify(join(home, 'build/onnxruntime.ts'))}\n` +
      code.replaceAll(/import\('onnxruntime-web\/(\w+)'\)/g, "loadOnnxruntime('$1')"),
  },
  resolveId: {
    filter: { id: /^onnxruntime-web/ },
    handler(id, importer) {
      throw new Error(
        `${importer} imports "${id}"; the build knows only import('onnxruntime-web/…') as an expression.`,
      )
    },
  },
}

const workersAreJavaScript = {
  name: 'workers-are-javascript',
  transform: {
    filter: { id: /src\/((compiler|data|images)\/)?spawn(-compiler|-parquet|-images)?\.ts$/ },
    handler: (code) => code.replace("worker.ts'", "worker.js'"),
  },
}

const workersOfAnyOrigin = ['spawn', 'spawn-compiler', 'spawn-parquet', 'spawn-images'].map((name) =>
  replaceModule(name, join(home, `build/${name}.ts`)),
)

/** hub/src/cache.ts becomes hub/cache.js: with the files apart, a bundler leaves out those that an app does not use. */
const writePackage = () =>
  bundle(
    {
      input: {
        index: front,
        'runtime/worker': worker,
        'tokenizers/compiler/compiler.worker': compiler,
        'webformers/data/parquet.worker': parquet,
        'processors/images/images.worker': images,
      },
      external,
      plugins: [onnxruntimeBeside, workersAreJavaScript],
    },
    {
      dir: dist,
      preserveModules: true,
      preserveModulesRoot: join(home, '..'),
      entryFileNames: ({ name }) => `${name.replace('webformers/build/', '').replace('/src/', '/')}.js`,
    },
  )

/** All that an entry imports at once is in its own file, whoever else needs it: left to itself, rolldown puts what lazily imported
 * parts share into two dozen small files. */
const extended = { preserveEntrySignatures: 'allow-extension' }
const frontInOne = { groups: [{ name: 'front', tags: ['$initial'] }] }

/** What a page may never need, such as a format or an architecture, lies beside the script in a file of its own, and takes what
 * it shares with the script from there. */
async function writeStandalone() {
  const output = {
    dir: dist,
    minify: true,
    chunkFileNames: 'webformers.[name].[hash].js',
    codeSplitting: frontInOne,
  }
  const write = (input) => bundle({ ...extended, ...input }, output)
  await write({ input: { webformers: front }, plugins: workersOfAnyOrigin })
  await write({ input: { 'webformers.worker': worker }, plugins: [onnxruntimeBeside] })
  await write({ input: { 'webformers.parquet.worker': parquet } })
  await bundleWorker('webformers.tokenizer.worker', compiler, dist)
  await bundleWorker('webformers.images.worker', images, dist)
}

/** Upstream's .mjs become .js, a type that every static server knows. */
function copyOnnxruntime() {
  const upstream = dirname(
    createRequire(import.meta.url).resolve('onnxruntime-web/ort-wasm-simd-threaded.wasm'),
  )
  const copyScript = (from, to) => {
    const script = readFileSync(join(upstream, from), 'utf8')
    writeFileSync(join(dist, to), script.replace(/^\/\/# sourceMappingURL=.*$/m, ''))
  }
  const builds = { wasm: 'threaded', jspi: 'threaded.jspi', webgpu: 'threaded.asyncify' }
  for (const [build, suffix] of Object.entries(builds)) {
    copyScript(`ort.${build}.min.mjs`, `onnxruntime.${build}.js`)
    copyScript(`ort-wasm-simd-${suffix}.mjs`, `onnxruntime.${build}.loader.js`)
    copyFileSync(join(upstream, `ort-wasm-simd-${suffix}.wasm`), join(dist, `onnxruntime.${build}.wasm`))
  }
}

/** What a page with BERT downloads once its bundler has minified everything, onnxruntime aside. */
async function printPage() {
  const page = await bundle(
    { ...extended, input: { index: front }, plugins: [workersAreJavaScript] },
    { minify: true, codeSplitting: frontInOne },
  )
  const scripts = await bundle(
    { input: { worker, compiler }, plugins: [onnxruntimeBeside] },
    { minify: true },
  )
  const chunks = [
    ...chunksOf(page, 'webformers/src/index.ts'),
    ...chunksOf(page, 'bert/modeling.ts'),
    ...chunksOf(scripts, 'runtime/src/worker.ts'),
  ]
  const blueprint = chunksOf(page, 'compiler/blueprint.ts')
  const compilers = chunksOf(scripts, 'compiler/compiler.worker.ts')
  printDownload('front door, one architecture, its worker', chunks)
  printDownload('… and a tokenizer new to the page, up to 800 kB', [...chunks, ...blueprint])
  printDownload('… or a larger one, in the worker that compiles it', [...chunks, ...compilers])
}

rmSync(dist, { recursive: true, force: true })
await writePackage()
await bundleTypes({ input: { index: front }, external }, dist)
await writeStandalone()
copyOnnxruntime()
for (const file of ['README.md', 'LICENSE']) copyFileSync(join(home, '../..', file), join(home, file)) // npm packs them
printFolder(dist)
await printPage()
