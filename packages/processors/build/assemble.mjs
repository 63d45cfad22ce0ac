/** @file Writes passes.wat as the module that passes.ts starts: `node packages/processors/build/assemble.mjs`. */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import wabt from 'wabt'

const file = (name) => fileURLToPath(new URL(`../src/images/${name}`, import.meta.url))

/** The bytes of passes.wat, in base64. */
export async function assemble() {
  const { parseWat } = await wabt()
  const module = parseWat('passes.wat', readFileSync(file('passes.wat'), 'utf8'), { simd: true })
  module.validate({ simd: true })
  return Buffer.from(module.toBinary({}).buffer).toString('base64')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const comment = '/** @file passes.wat as bytes in base64, written by build/assemble.mjs. */'
  writeFileSync(file('passes-binary.ts'), `${comment}\nexport const WASM =\n  '${await assemble()}'\n`)
}
