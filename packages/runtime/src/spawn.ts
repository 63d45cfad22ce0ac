/**
 * @file Where the worker comes from. Bundlers look for this very expression; the single-file build puts
 * `packages/webformers/build/spawn.ts` in its place, which works across origins too.
 */
export const spawn = () => new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
