/** @file `npm run bench [-- model | tokenizers | mounting | training | generation | images | vision | speech] [-- --quick …]`: runs the parts of the benchmark, one after the other. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const parts = {
  model: 'model.mjs',
  tokenizers: 'tokenizers/run.mjs',
  mounting: 'mounting/run.mjs',
  training: 'training/run.mjs',
  generation: 'generation/run.mjs',
  images: 'images/run.mjs',
  vision: 'vision/run.mjs',
  speech: 'speech/run.mjs',
}

const given = process.argv.slice(2)
const [wanted, flags] = given[0] in parts ? [[given[0]], given.slice(1)] : [Object.keys(parts), given]

for (const part of wanted) {
  const script = fileURLToPath(new URL(parts[part], import.meta.url))
  const { status } = spawnSync(process.execPath, [script, ...flags], { stdio: 'inherit' })
  if (status !== 0) process.exitCode = 1
}
