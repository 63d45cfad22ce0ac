/**
 * @file Where the worker that holds large images comes from. Bundlers look for this very expression; the single-file build
 * puts `packages/webformers/build/spawn-images.ts` in its place, which works across origins too.
 */
export const spawnImages = () =>
  new Worker(new URL('./images.worker.ts', import.meta.url), { type: 'module' })
