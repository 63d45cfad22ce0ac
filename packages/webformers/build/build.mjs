/**
 * @file Writes dist/ twice over: the package for bundlers, index.js and index.d.ts with a file for each source file, and
 * webformers.js with its worker for `<script type="module">`. Both find onnxruntime's files in dist/.
 */
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import { dts } from 'rolldown-plugin-dts'
import { printSizes } from './sizes.mjs'

const home = fileURLToPath(new URL('..', import.meta.url))
const dist = join(home, 'dist')
const front = join(home, 'src/index.ts')
const worker = join(home, '../runtime/src/worker.ts')
const tokenizer = join(home, '../tokenizers/src/pretrained/auto-tokenizer.ts')
const tsconfig = join(home, '../../tsconfig.json')

const { dependencies } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'))
const external = Object.keys(dependencies).map((name) => new RegExp(`^${name}(/|$)`))

async function bundle(input, output) {
  const build = await rolldown({
    platform: 'browser',
    tsconfig,
    resolve: { conditionNames: ['@webformers/source', 'import', 'browser', 'default'] },
    checks: { pluginTimings: false },
    ...input,
  })
  const result = await (output.dir ? build.write(output) : build.generate(output))
  await build.close()
  return result.output
}

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

const workerIsJavaScript = {
  name: 'worker-is-javascript',
  transform: {
    filter: { id: /runtime\/src\/spawn\.ts$/ },
    handler: (code) => code.replace('./worker.ts', './worker.js'),
  },
}

const workerOfAnyOrigin = {
  name: 'worker-of-any-origin',
  resolveId: { filter: { id: /^\.\/spawn$/ }, handler: () => join(home, 'build/spawn.ts') },
}

/** hub/src/cache.ts becomes hub/cache.js: with the files apart, a bundler leaves out those that an app does not use. */
const writePackage = () =>
  bundle(
    {
      input: { index: front, 'runtime/worker': worker },
      external,
      plugins: [onnxruntimeBeside, workerIsJavaScript],
    },
    {
      dir: dist,
      preserveModules: true,
      preserveModulesRoot: join(home, '..'),
      entryFileNames: ({ name }) => `${name.replace('webformers/build/', '').replace('/src/', '/')}.js`,
    },
  )

const writeTypes = () =>
  bundle(
    { input: { index: front }, external, plugins: [dts({ tsconfig, emitDtsOnly: true, eager: true })] },
    { dir: dist },
  )

async function writeStandalone() {
  const output = { dir: dist, minify: true, codeSplitting: false }
  await bundle({ input: { webformers: front }, plugins: [workerOfAnyOrigin] }, output)
  await bundle({ input: { 'webformers.worker': worker }, plugins: [onnxruntimeBeside] }, output)
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

/** What a page with BERT alone, or with a tokenizer, downloads once its bundler has minified everything, onnxruntime aside. */
async function bundleApp() {
  const page = await bundle({ input: { index: front }, plugins: [workerIsJavaScript] }, { minify: true })
  const script = await bundle({ input: { worker }, plugins: [onnxruntimeBeside] }, { minify: true })
  const tokenizers = await bundle({ input: { tokenizers: tokenizer } }, { minify: true })
  return { page, worker: script, architecture: 'models/src/bert/modeling.ts', tokenizers }
}

rmSync(dist, { recursive: true, force: true })
await writePackage()
await writeTypes()
await writeStandalone()
copyOnnxruntime()
for (const file of ['README.md', 'LICENSE']) copyFileSync(join(home, '../..', file), join(home, file)) // npm packs them
printSizes(dist, await bundleApp())
