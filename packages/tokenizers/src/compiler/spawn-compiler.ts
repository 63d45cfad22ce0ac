/**
 * @file Where the compiler's worker comes from. Bundlers look for this very expression; this package's own build and the
 * single-file build of webformers put their `build/spawn-compiler.ts` in its place, which works across origins too.
 */
export const spawnCompiler = () =>
  new Worker(new URL('./compiler.worker.ts', import.meta.url), { type: 'module' })
