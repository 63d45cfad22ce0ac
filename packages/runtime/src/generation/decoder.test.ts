import type { DecodingProgram, Program } from '@webformers/graph'
import { describe, expect, test } from 'vitest'
import type { Session } from '../session'
import type { PlainTensor, PlainTensors } from '../tensor'
import { type Prompt, SessionDecoder, type Turns } from './decoder'
import { Encodings } from './encodings'
import { Pace, steadyPace } from './pace'

const [HEADS, SIZE, VOCABULARY] = [1, 1, 4]
const inputs = {
  input_ids: { dtype: 'int32', shape: ['batch', 'sequence'] },
  attention_mask: { dtype: 'int32', shape: ['batch', 'total'] },
  'past.0.key': { dtype: 'float32', shape: ['batch', HEADS, 'past', SIZE] },
} as const
const program = {
  decode: {
    inputs,
    outputs: { logits: { shape: ['batch', 'scored', VOCABULARY] } },
    derived: {},
    limits: {},
  },
  cache: [{ past: 'past.0.key', present: 'present.0.key', shape: inputs['past.0.key'].shape }],
  ids: 'input_ids',
  mask: 'attention_mask',
  loops: false,
  windows: {},
} as unknown as DecodingProgram & { decode: Program }

/** A session that takes so long for each token of all rows; tells how many tokens of each row its runs read. */
function sessionOf(
  clock: { now: number },
  each: number,
  onRun: (runs: readonly number[]) => void = () => {},
) {
  const runs: number[] = []
  const session: Session = {
    async run(feeds: PlainTensors) {
      const [batch, added] = feeds.input_ids!.shape as [number, number]
      clock.now += batch * added * each
      runs.push(added)
      onRun(runs)
      const keys = feeds['past.0.key']!.shape[2]! + added
      const tensor = (shape: number[]): PlainTensor => ({
        dtype: 'float32',
        shape,
        data: new Float32Array(shape.reduce((a, b) => a * b)),
      })
      return { logits: tensor([batch, 1, VOCABULARY]), 'present.0.key': tensor([batch, HEADS, keys, SIZE]) }
    },
    release: async () => {},
  }
  return { session, runs }
}

interface Reader {
  /** Milliseconds that a token takes. */
  readonly each: number
  readonly rows?: number
  readonly hurried?: boolean
  readonly steady?: boolean
  readonly caching?: Prompt['caching']
  readonly controller?: AbortController
  readonly onRun?: (runs: readonly number[]) => void
}

/** Reads texts of so many tokens, one after the other, and tells how many tokens the runs read, of each row. */
async function pieces(lengths: readonly number[], given: Reader): Promise<number[][]> {
  const { each, rows = 1, hurried = true, steady = false, caching, controller, onRun } = given
  const clock = { now: 0 }
  const pace = steady ? steadyPace : new Pace(() => clock.now)
  const turns: Turns = Object.assign(
    async <T>(job: () => Promise<T>) => {
      controller?.signal.throwIfAborted()
      return job()
    },
    { hurried: () => hurried },
  )
  const found: number[][] = []
  for (const length of lengths) {
    const { session, runs } = sessionOf(clock, each, onRun)
    found.push(runs)
    const sessions = { encode: undefined, decode: session, gpu: undefined, tables: undefined, pace }
    const prompt = {
      keep: Array.from({ length: rows }, () => new Uint8Array(length).fill(1)),
      inputs: {},
      caching,
    }
    const decoder = await SessionDecoder.begin(program, sessions, turns, prompt, new Encodings())
    await decoder.read(prompt.keep.map(({ length }) => new Int32Array(length)))
    expect(decoder.length).toBe(length)
  }
  return found
}

describe('a prompt is read in pieces', () => {
  test('of about 80 milliseconds; a model knows its pace from the second one on', async () => {
    expect(await pieces([200, 200], { each: 1 })).toEqual([
      [32, 64, 64, 40],
      [64, 64, 64, 8],
    ])
    expect(await pieces([300], { each: 0.1 })).toEqual([[32, 128, 128, 12]])
  })

  test('of no less than 32 tokens, of all rows together', async () => {
    expect(await pieces([80, 80], { each: 10 })).toEqual([
      [32, 32, 16],
      [32, 32, 16],
    ])
    expect(await pieces([20], { each: 10, rows: 4 })).toEqual([[8, 8, 4]])
  })

  test('that grow with the text, which every run goes through', async () => {
    const [runs] = await pieces([2600], { each: 10 })
    const before = (size: number) => runs!.slice(0, runs!.indexOf(size)).reduce((sum, each) => sum + each, 0)
    expect([...new Set(runs!.slice(0, -1))]).toEqual([32, 64, 128])
    expect([before(64), before(128)]).toEqual([1024, 2048])
  })

  test('of 128 tokens where nobody can give it up, or numbers depend on what is read together', async () => {
    expect(await pieces([300], { each: 10, hurried: false })).toEqual([[128, 128, 44]])
    expect(await pieces([300], { each: 10, steady: true })).toEqual([[128, 128, 44]])
  })

  test('of as many tokens as is asked for', async () => {
    expect(await pieces([100], { each: 10, caching: { chunk: 40 } })).toEqual([[40, 40, 20]])
  })

  test('of which no more is read when it is given up', async () => {
    const controller = new AbortController()
    let read: readonly number[] = []
    const onRun = (runs: readonly number[]) => {
      read = runs
      if (runs.length === 3) controller.abort(new Error('enough'))
    }
    await expect(pieces([1000], { each: 10, controller, onRun })).rejects.toThrow('enough')
    expect(read).toEqual([32, 32, 32])
  })
})
