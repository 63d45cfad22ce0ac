/** @file What the benchmark of speech needs before it starts: a model of Whisper base's shape, as both sides read it. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { hubRoot } from '../../real/minilm.mjs'
import { findPython } from '../prepare.mjs'

const run = promisify(execFile)

export const exported = 'bench/whisper-base-random'

const packages = ['torch==2.13.0', 'transformers==4.57.6', 'onnx', 'onnxruntime']

/** @throws {Error} that says what is missing and what would help */
export async function prepareSpeech() {
  const target = join(hubRoot, exported)
  if (existsSync(target)) return
  const python = await findPython(packages)
  console.log('Making a model of the shape of Whisper base …')
  await mkdir(dirname(target), { recursive: true })
  const script = fileURLToPath(new URL('export.py', import.meta.url))
  await run(python, [script, target], { env: { ...process.env, HF_HUB_OFFLINE: '1' } })
}
