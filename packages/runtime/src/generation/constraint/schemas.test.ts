import { Ajv } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { describe, expect, test } from 'vitest'
import { filesOf, type Name, tokenizerOf } from '../../../../tokenizers/reference/fixtures'
import { tokenBytes } from '../../../../webformers/src/generation/token-texts'
import { generate } from '../generate'
import { settingsOf } from '../testing-settings'
import { grammarOf } from './compile'
import { Insides } from './insides'
import { Machine } from './machine'
import { Masks } from './masks'
import { RandomDecoder } from './testing/random-decoder'
import { type Case, cases } from './testing/schemas'
import { Vocabulary } from './vocabulary'

/** What is written in JSON as it usually is, and with spaces. */
const written = (value: unknown) => [JSON.stringify(value), JSON.stringify(value, null, 2), spaced(value)]
const spaced = (value: unknown) => JSON.stringify(value, null, 1).replace(/\n */g, ' ')

const machines = new Map<Case, Machine>()
function machineOf(each: Case): Machine {
  const machine = machines.get(each) ?? new Machine(grammarOf({ type: 'json_schema', schema: each.schema }))
  machines.set(each, machine)
  return machine
}

function accepts(machine: Machine, bytes: Iterable<number>): boolean {
  let state: ReturnType<Machine['step']> = machine.start
  for (const byte of bytes) state = state && machine.step(state, byte)
  return state?.complete === true
}

const settings = { strict: false, multipleOfPrecision: 6, ownProperties: true }
const validators = new Map<Case, ReturnType<typeof newValidator>>()
function validatorOf(each: Case) {
  const validate = validators.get(each) ?? newValidator(each)
  validators.set(each, validate)
  return validate
}
function newValidator({ schema, draft }: Case) {
  const ajv = draft === 7 ? new Ajv(settings) : new Ajv2020(settings)
  addFormats.default(ajv)
  return ajv.compile(schema)
}

test('there are two hundred schemas, and their values are what a validator says', () => {
  expect(cases.length).toBeGreaterThanOrEqual(200)
  for (const each of cases) {
    const validate = validatorOf(each)
    for (const value of each.valid) expect([each, value, validate(value)]).toEqual([each, value, true])
    for (const value of each.invalid) expect([each, value, validate(value)]).toEqual([each, value, false])
  }
}, 60_000)

test('what meets a schema is accepted byte by byte, however it is spaced; what does not is not', () => {
  const encoder = new TextEncoder()
  for (const each of cases) {
    const machine = machineOf(each)
    for (const value of each.valid)
      for (const text of written(value))
        expect([each.schema, text, accepts(machine, encoder.encode(text))]).toEqual([each.schema, text, true])
    for (const value of each.invalid)
      for (const text of written(value))
        expect([each.schema, text, accepts(machine, encoder.encode(text))]).toEqual([
          each.schema,
          text,
          false,
        ])
  }
}, 60_000)

/** Byte-level BPE, and SentencePiece with a token for each byte. */
const names: readonly Name[] = ['gpt2', 'llama2']
const open = async (name: Name) => {
  const tokenizer = tokenizerOf(filesOf(name))
  const { id, tokens } = await tokenBytes(tokenizer)
  const eos = tokenizer.eosTokenId!
  const decode = (ids: Iterable<number>) =>
    tokenizer.decode([...ids], { skipSpecialTokens: true, cleanUpTokenizationSpaces: false })
  return { id, tokens, eos, decode, size: tokens.ends.length }
}

describe.each(names)('the tokens of %s', (name) => {
  test('whatever a model says, what comes out meets the schema', async () => {
    const { id, tokens, eos, decode, size } = await open(name)
    let cut = 0
    for (const [i, each] of cases.entries()) {
      const validate = validatorOf(each)
      const format = { type: 'json_schema', schema: each.schema } as const
      // Others for other tokens.
      const seed = i + 1000 * name.length
      const decoder = new RandomDecoder(size, tokens, eos, seed)
      const constraint = { format, tokenizer: id, tokens }
      const asked = settingsOf({
        mode: 'sample',
        do_sample: true,
        max_length: 200,
        eos_token_id: [eos],
        pad_token_id: eos,
      })
      const { sequences } = await generate(
        { decoder },
        { settings: asked, prompts: [Int32Array.of(eos)], seed, constraint },
      )
      const answer = sequences[0]!.subarray(1)
      const text = decode(answer)
      if (answer.at(-1) !== eos) {
        expect(answer.length).toBe(199)
        cut++
        continue
      }
      const value: unknown = JSON.parse(text)
      expect([each.schema, text, validate(value)]).toEqual([each.schema, text, true])
    }
    // Objects may have ever more members before those that they have to have.
    expect(cut).toBeLessThan(cases.length / 8)
  }, 60_000)

  test('what meets a schema is accepted token by token, however it is cut, and ends only where it is whole', async () => {
    const { tokens } = await open(name)
    const insides = new Insides(new Vocabulary(tokens))
    const ids = new Map<string, number>()
    const texts = Array.from(tokens.ends, (end, token) =>
      tokens.bytes.subarray(tokens.ends[token - 1] ?? 0, end),
    )
    for (const [token, bytes] of texts.entries()) if (bytes.length > 0) ids.set(bytes.join(), token)
    const longest = Math.max(...texts.map(({ length }) => length))
    /** Cut where `choose` says, of the lengths that tokens have here. */
    const cut = (bytes: Uint8Array, choose: (lengths: readonly number[]) => number) => {
      const found: number[] = []
      for (let at = 0; at < bytes.length; ) {
        const lengths = Array.from({ length: longest }, (_, i) => i + 1).filter(
          (length) => ids.has(bytes.subarray(at, at + length).join()) && at + length <= bytes.length,
        )
        const length = choose(lengths)
        found.push(ids.get(bytes.subarray(at, at + length).join())!)
        at += length
      }
      return found
    }
    let turn = 0
    const ways = [
      (lengths: readonly number[]) => lengths[0]!,
      (lengths: readonly number[]) => lengths.at(-1)!,
      (lengths: readonly number[]) => lengths[turn++ % lengths.length]!,
    ]
    for (const each of cases) {
      const { schema } = each
      const masks = new Masks(machineOf(each), insides)
      for (const value of each.valid)
        for (const choose of ways) {
          const text = new TextEncoder().encode(JSON.stringify(value))
          let state = masks.machine.start
          const path = cut(text, choose)
          for (const [i, token] of path.entries()) {
            const allowed = (masks.of(state).bits[token >> 5]! >>> (token & 31)) & 1
            expect([schema, value, i, allowed]).toEqual([schema, value, i, 1])
            state = masks.step(state, token)!
          }
          expect([schema, value, state.complete]).toEqual([schema, value, true])
        }
    }
  }, 60_000)
})

test('the bits of a mask are the tokens that can be stepped over, and no others', async () => {
  const { tokens, size } = await open('gpt2')
  const insides = new Insides(new Vocabulary(tokens))
  for (const each of cases.filter((_, i) => i % 2 === 0)) {
    const masks = new Masks(machineOf(each), insides)
    let state = masks.machine.start
    for (const byte of new TextEncoder().encode(JSON.stringify(each.valid[0]))) {
      const { bits } = masks.of(state)
      for (let token = 0; token < size; token += 7)
        if (((bits[token >> 5]! >>> (token & 31)) & 1) !== Number(masks.step(state, token) !== null))
          throw new Error(`token ${token} of ${JSON.stringify(each.schema)}`)
      state = masks.machine.step(state, byte)!
    }
  }
}, 60_000)
