/** @file The single-file build's `spawn`: the worker lies beside this script. */
import { workerOfAnyOrigin } from '../../tokenizers/build/worker-of-any-origin'

export const spawn = () => workerOfAnyOrigin(new URL('./webformers.worker.js', import.meta.url))
