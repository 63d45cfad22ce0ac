/**
 * @file Writes texts that meet two hundred schemas, token by token as chance has it, and tells how long each token's mask took. Its
 * own process, as a worker is: what is compiled for one schema is not there for the first. `node walk.js <folder of a tokenizer>`
 */
import { readFileSync } from 'node:fs'
import { AutoTokenizer } from '@webformers/tokenizers'
import { compile } from '../../../../packages/runtime/src/generation/constraint/compile'
import { cases } from '../../../../packages/runtime/src/generation/constraint/testing/schemas'
import { randomOf } from '../../../../packages/runtime/src/random'
import { tokenBytes } from '../../../../packages/webformers/src/generation/token-texts'

/** Tokens of a text at most. */
const MOST = 200

const [folder] = process.argv.slice(2)
const json = (name: string) => JSON.parse(readFileSync(`${folder}/${name}`, 'utf8'))
const tokenizer = await AutoTokenizer.fromFiles({
  'tokenizer.json': json('tokenizer.json'),
  'tokenizer_config.json': json('tokenizer_config.json'),
})
const { id, tokens } = await tokenBytes(tokenizer)

/** What closes texts and lists becomes likelier as they grow, so that they end. */
const closing = Array.from(tokens.ends, (end, token) => {
  const [first] = tokens.bytes.subarray(tokens.ends[token - 1] ?? 0, end)
  return first !== undefined && '"]}'.includes(String.fromCharCode(first)) ? 1 : 0
})

/** One of the tokens that a mask allows; nothing where there is none. */
function chosen(bits: Uint32Array, random: () => number, haste: number): number | undefined {
  let [best, highest]: [number | undefined, number] = [undefined, -1]
  for (const [token, closes] of closing.entries()) {
    if (((bits[token >> 5]! >>> (token & 31)) & 1) === 0) continue
    const score = random() + haste * closes
    if (score > highest) [best, highest] = [token, score]
  }
  return best
}

const times: number[] = []
for (const [i, { schema }] of cases.entries()) {
  const masks = compile({ format: { type: 'json_schema', schema }, tokenizer: id, tokens })
  const random = randomOf(i)
  let state = masks.machine.start
  for (let length = 0; length < MOST && !(state.complete && length > 0); length++) {
    const begun = performance.now()
    const { bits } = masks.of(state)
    const found = performance.now() - begun
    const token = chosen(bits, random, Math.max(0, length - 12) / 24)
    if (token === undefined) break
    const stepped = performance.now()
    state = masks.step(state, token)!
    times.push(found + performance.now() - stepped)
  }
}
console.log(JSON.stringify({ vocabulary: tokens.ends.length, schemas: cases.length, times }))
