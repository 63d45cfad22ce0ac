/** @file The built package's `spawnCompiler`: a bundler takes the worker along as a file, a page may have it from another origin. */
import { workerOfAnyOrigin } from './worker-of-any-origin'

export function spawnCompiler(): Worker {
  const script = new URL('./compiler.worker.js', import.meta.url)
  // Where it can be started as it is, no policy has to allow Blobs.
  return script.origin === location.origin
    ? new Worker(script, { type: 'module' })
    : workerOfAnyOrigin(script)
}
