/** @file The single-file build's `spawnImages`: the worker lies beside this script. */
import { workerOfAnyOrigin } from '../../tokenizers/build/worker-of-any-origin'

export const spawnImages = () => workerOfAnyOrigin(new URL('./webformers.images.worker.js', import.meta.url))
