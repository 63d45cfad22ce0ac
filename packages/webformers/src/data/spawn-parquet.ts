/**
 * @file Where the worker that decodes Parquet comes from. Bundlers look for this very expression; the single-file build
 * puts `packages/webformers/build/spawn-parquet.ts` in its place, which works across origins too.
 */
export const spawnParquet = () =>
  new Worker(new URL('./parquet.worker.ts', import.meta.url), { type: 'module' })
