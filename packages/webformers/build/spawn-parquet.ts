/** @file The single-file build's `spawnParquet`: the worker lies beside this script. */
import { workerOfAnyOrigin } from '../../tokenizers/build/worker-of-any-origin'

export const spawnParquet = () =>
  workerOfAnyOrigin(new URL('./webformers.parquet.worker.js', import.meta.url))
