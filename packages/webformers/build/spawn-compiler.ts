/** @file The single-file build's `spawnCompiler`: the worker lies beside this script. */
import { workerOfAnyOrigin } from '../../tokenizers/build/worker-of-any-origin'

export const spawnCompiler = () =>
  workerOfAnyOrigin(new URL('./webformers.tokenizer.worker.js', import.meta.url))
