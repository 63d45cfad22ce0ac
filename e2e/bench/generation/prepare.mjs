/** @file What the benchmark of generation needs before it starts: the model, and what its peers read. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { hubRoot } from '../../real/minilm.mjs'
import { prepareSmolLM2, smolFile } from '../../real/smollm2.mjs'
import { findPython } from '../prepare.mjs'

const run = promisify(execFile)

/** The repository of the peers' files. */
export const exported = 'bench/SmolLM2-135M-Instruct'

const packages = [
  'torch==2.13.0',
  'transformers==4.57.6',
  'gguf==0.19.0',
  'accelerate',
  'onnx',
  'onnxruntime',
]

/** @throws {Error} that says what is missing and what would help */
export async function prepareGeneration() {
  const folder = await prepareSmolLM2()
  const target = join(hubRoot, exported)
  if (existsSync(target)) return
  const python = await findPython(packages)
  console.log('Writing what the peers read …')
  await mkdir(dirname(target), { recursive: true })
  const script = fileURLToPath(new URL('export.py', import.meta.url))
  await run(python, [script, folder, smolFile, target], { env: { ...process.env, HF_HUB_OFFLINE: '1' } })
}
