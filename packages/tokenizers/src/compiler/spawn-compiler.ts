/**
 * @file Where the compiler's worker comes from. Bundlers look for this very expression; the single-file build puts
 * `packages/webformers/build/spawn-compiler.ts` in its place, which works across origins too.
 */
export const spawnCompiler = () =>
  new Worker(new URL('./compiler.worker.ts', import.meta.url), { type: 'module' })
