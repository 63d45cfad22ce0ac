/** @file Rolldown as the packages' builds use it: from the sources of this workspace, for a browser. */
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import { dts } from 'rolldown-plugin-dts'

const tsconfig = fileURLToPath(new URL('../../../tsconfig.json', import.meta.url))

/**
 * Written where the output has a `dir`, else only given.
 * @param {import('rolldown').InputOptions} input
 * @param {import('rolldown').OutputOptions} output
 */
export async function bundle(input, output) {
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

/** One file of declarations for an entry. */
export const bundleTypes = (input, dir) =>
  bundle({ ...input, plugins: [dts({ tsconfig, emitDtsOnly: true, eager: true })] }, { dir })

/** A worker's module whole in one file of that name: what imports nothing can be started from anywhere. */
export const bundleWorker = (name, module, dir, plugins = []) =>
  bundle({ input: { [name]: module }, plugins }, { dir, minify: true, codeSplitting: false })

/** A plugin that puts another module in a module's place, for whoever imports it as `./name`. */
export const replaceModule = (name, module) => ({
  name: `replace-${name}`,
  resolveId: { filter: { id: new RegExp(`^\\./${name}$`) }, handler: () => module },
})
