/** @file What the benchmark of generation needs before it starts: the model, and what its peers read. */
import { prepareSmolLM2, smolFile } from '../../real/smollm2.mjs'
import { exportOnce } from '../prepare.mjs'

/** The repository of the peers' files. */
export const exported = 'bench/SmolLM2-135M-Instruct'

/** @throws {Error} that says what is missing and what would help */
export async function prepareGeneration() {
  const folder = await prepareSmolLM2()
  await exportOnce(exported, new URL('export.py', import.meta.url), {
    given: [folder, smolFile],
    more: ['gguf==0.19.0', 'accelerate'],
  })
}
