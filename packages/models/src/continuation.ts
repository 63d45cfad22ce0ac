/** @file A head that goes on from what it has read: keys and values of before come in, those of now go out. What an encoder
 * gives the attentions of a decoder is computed once. Attentions tell what they remember, so that no architecture has to. */
import {
  input,
  type KeyValues,
  type Memory,
  modulePaths,
  type Outputs,
  observe,
  type Shape,
  scope,
  type Tensor,
  within,
} from '@webformers/graph'
import type { Inputs } from './architecture'
import type { AnyModel } from './build'

/** The dimension of all tokens, read and new, and that of those read before. */
const TOTAL = 'total'
const PAST = 'past'
/** That of the last of those, where they lie apart. */
const RECENT = 'recent'
/** The same, of what layers remember that see a window of so many tokens. */
const inWindow = (dim: string, size: number) => `${dim}_of_${size}`

export interface Continued {
  /** What the model reads: its mask is over all tokens; and `prompt_ids`, where something is computed of them once. */
  readonly own: Inputs
  /** What comes in besides: `position_ids`, `scored`, and what is remembered, `past.0.key`, … `cross.0.key`, … */
  readonly inputs: Inputs
  /** What the decoder remembers next, by the names under which it comes in. */
  readonly presents: ReadonlyMap<string, Tensor>
  /** What the decoder remembers of the encoder, or what else is computed once, by the names under which it comes in. */
  readonly encoded: ReadonlyMap<string, Tensor>
  /** The windows that layers see, by the names of the inputs that are the masks over them. */
  readonly windows: ReadonlyMap<string, number>
}

/** What goes from one run to the next. */
export interface Remembering {
  /** Whether layers that see a window remember no more than they see. */
  readonly windowed?: boolean
  /** Whether the last keys and values come in apart from those before, and go out alone. */
  readonly apart?: boolean
}

/** Prepare inputs so that what `call` computes of them goes on from a cache; read what it needs when the call is over. */
export function continuing(
  own: Inputs,
  { windowed = false, apart = false }: Remembering = {},
): { continued: Continued; within<R>(call: () => R): R } {
  const ids = 'decoder_input_ids' in own ? 'decoder_input_ids' : 'input_ids'
  const sequence = String(own[ids]!.shape[1])
  const positions = input(['batch', sequence], 'int32')
  const inputs: Record<string, Tensor> = { position_ids: positions, [SCORED]: input([SCORED], 'int32') }
  const presents = new Map<string, Tensor>()
  const encoded = new Map<string, Tensor>()

  const taken = (name: string, { dtype }: Tensor, shape: Shape): Tensor => {
    inputs[name] = input(shape, dtype)
    return inputs[name]
  }
  const mask = ids.replace('input_ids', 'attention_mask')
  const windows = new Map<string, number>()
  const window = (size: number): Tensor => {
    const name = inWindow(mask, size)
    windows.set(name, size)
    inputs[name] ??= input(['batch', inWindow(TOTAL, size)], 'int32')
    return inputs[name]
  }
  let [selves, crosses] = [0, 0]
  const memory = (
    attention: KeyValues & { query: Tensor; heads: number; bias: Tensor | undefined },
  ): Memory | undefined => {
    if (attention.query.shape[1] !== sequence) return undefined // an encoder's own
    const { heads } = attention
    const [key, value] = [ofHeads(attention.key, heads), ofHeads(attention.value, heads)]
    if (attention.key.shape[1] === sequence) {
      const name = `past.${selves++}`
      const keys = attention.bias?.shape.at(-1)
      const size = [...windows.values()].find((each) => inWindow(TOTAL, each) === keys)
      const past = size === undefined ? PAST : inWindow(PAST, size)
      const remembered = (from: string, dim: string) => ({
        key: taken(`${from}.key`, key, key.shape.with(2, dim)),
        value: taken(`${from}.value`, value, value.shape.with(2, dim)),
      })
      return {
        ...remembered(name, past),
        ...(apart && { recent: remembered(recentOf(name), RECENT) }),
        keys: size === undefined ? TOTAL : inWindow(TOTAL, size),
        keep: (present) => {
          presents.set(`${name}.key`, present.key)
          presents.set(`${name}.value`, present.value)
        },
      }
    }
    // Keys that stay lie as each token's product reads them: it takes no time to turn them over again.
    const name = `cross.${crosses++}`
    encoded.set(`${name}.key`, key.T)
    encoded.set(`${name}.value`, value)
    return {
      key: taken(`${name}.key`, key, key.T.shape).T,
      value: taken(`${name}.value`, value, value.shape),
      keys: key.shape[2]!,
    }
  }
  const prompt = input(['batch', 'prompt'], 'int32')
  const continuation = {
    sequence,
    total: TOTAL,
    prompt,
    given: (name: string, x: Tensor): Tensor => {
      encoded.set(name, x)
      inputs[name] = input(x.shape, x.dtype)
      return inputs[name]
    },
    windows: {
      has: (dim: string) => [...windows.values()].some((size) => inWindow(TOTAL, size) === dim),
    },
    positions,
    memory,
    ...(windowed && { window }),
  }
  return {
    continued: {
      own: { ...own, [mask]: input(['batch', TOTAL], 'int32'), prompt_ids: prompt },
      inputs,
      presents,
      encoded,
      windows,
    },
    within: (call) => within({ ...scope(), continuation }, call),
  }
}

/** The input of the last keys or values beside that of those before. */
export const recentOf = (past: string) => past.replace(PAST, RECENT)

/** [batch, keys, heads × size] as [batch, heads, keys, size]. */
function ofHeads(x: Tensor, heads: number): Tensor {
  const [batch, keys, width] = x.shape
  return x.reshape(batch!, keys!, heads, Number(width) / heads).transpose(0, 2, 1, 3)
}

/** The input that tells which of the new tokens are scored: the module that scores reads no others. */
export const SCORED = 'scored'

/** The module at a path, as what scores. */
function scorer(model: AnyModel, path: string): (x: Tensor) => unknown {
  const [found] = [...modulePaths(model)].find(([, paths]) => paths.includes(path)) ?? []
  return found as unknown as (x: Tensor) => unknown
}

/** Outputs, and what the module at `path` makes of early hidden states, each by itself. Like DoLa in Python, which norms none. */
export function withEarly(
  model: AnyModel,
  path: string,
  places: Tensor,
  outputs: Outputs,
  layers: readonly number[],
): Outputs {
  const { hidden_states } = outputs as { hidden_states?: readonly Tensor[] }
  const early = layers.map((layer) => scorer(model, path)(hidden_states![layer]!.gather(places, 1)) as Tensor)
  return { ...outputs, early }
}

/** Call a model whose module at `path` reads only some of the new tokens. */
export function scoring<R>(model: AnyModel, path: string, places: Tensor, call: () => R): R {
  const scores = scorer(model, path)
  let again = false
  return observe(
    model,
    ({ paths, inputs: [x], result }) => {
      if (again || !paths.includes(path)) return result
      again = true
      const scored = scores((x as Tensor).gather(places, 1))
      again = false
      return scored
    },
    call,
  )
}
