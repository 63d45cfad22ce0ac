/** @file The Programs that generate: one that reads what the encoder is given, once, and one that goes on from a cache. */
import {
  concat,
  constant,
  type DecodingProgram,
  input,
  loopProgram,
  type Program,
  parameters,
  type Steps,
  type Target,
  type Tensor,
  topologicalOrder,
} from '@webformers/graph'
import type { Architecture, Head, Inputs } from './architecture'
import { type Called, callModel, type Hooks } from './call'
import type { PretrainedConfig } from './configuration'
import { recentOf } from './continuation'
import { named, programOf, selected } from './trace'

/**
 * The Programs that give `outputs` of a head token by token; of the new tokens, those at the places `scored` are scored.
 * @example
 * const { decode, cache } = traceDecoding(llama, 'ForCausalLM', config, ['logits'], target)
 * decode.inputs // { input_ids: [batch, sequence], attention_mask: [batch, total], 'past.0.key': [batch, 3, past, 64], … }
 * cache[0] // { past: 'past.0.key', present: 'present.0.key', shape: ['batch', 3, 'past', 64] }
 * @throws {UnknownArchitectureError} when the architecture has no such head.
 * @throws {GraphError} when the head has no output of that name.
 */
export function* traceDecoding(
  architecture: Architecture,
  head: Head,
  config: PretrainedConfig,
  outputs: readonly string[],
  target: Target,
  hooks: Hooks = {},
): Steps<DecodingProgram> {
  const asEncoder = outputs.filter((name) => name.startsWith('encoder_'))
  const asDecoder = outputs.filter((name) => !asEncoder.includes(name))
  const chooses = asDecoder.join() === 'logits'
  const loops = target.device === 'wasm' && chooses
  const remembering = { windowed: target.device === 'wasm', apart: loops }
  const called = callModel(architecture, head, config, { ...hooks, continuation: true, remembering })
  yield
  const { own, encoded, presents, inputs, windows } = called.continued!
  const ids = 'decoder_input_ids' in own ? 'decoder_input_ids' : 'input_ids'
  const mask = ids.replace('input_ids', 'attention_mask')
  const given = { ...called, outputs: selected(called.outputs, asDecoder) }
  const encode = { ...selected(called.outputs, asEncoder), ...Object.fromEntries(encoded) }
  const { logits } = given.outputs
  const taken = architecture.generation === 'speech' ? withBias(given) : given
  const chosen: Record<string, Tensor> = chooses && !loops ? { tokens: likeliest(logits!) } : {}
  return {
    ...(encoded.size > 0 && {
      encode: yield* programOf({ ...called, inputs: own }, encode, architecture, head, target),
    }),
    decode: loops
      ? named(yield* looping(taken, ids, mask, target), architecture, head)
      : yield* programOf(
          given,
          { ...given.outputs, ...chosen, ...remembered(presents) },
          architecture,
          head,
          target,
        ),
    cache: [...presents.keys(), ...encoded.keys()].map((past) => ({
      past,
      shape: inputs[past]!.shape,
      ...windowOf(inputs[past]!, inputs, windows),
      ...(presents.has(past) && { present: presentOf(past) }),
      ...(presents.has(past) && loops && { recent: recentOf(past) }),
    })),
    ids,
    mask,
    loops,
    windows: Object.fromEntries(windows),
  }
}

/** The window of keys or values, where there is one: that of the mask over as many. */
function windowOf({ shape }: Tensor, inputs: Inputs, windows: ReadonlyMap<string, number>) {
  const total = String(shape[2]).replace('past', 'total')
  const mask = [...windows.keys()].find((name) => inputs[name]!.shape[1] === total)
  return mask === undefined ? {} : { window: windows.get(mask)! }
}

const presentOf = (past: string) => past.replace('past', 'present')

const remembered = (presents: ReadonlyMap<string, Tensor>) =>
  Object.fromEntries([...presents].map(([past, x]) => [presentOf(past), x]))

/** The first of the likeliest tokens, [1, batch, places], by what a GPU does with many threads: its ArgMax has one for each row. */
function likeliest(logits: Tensor): Tensor {
  const vocabulary = Number(logits.shape.at(-1))
  const numbers = constant([1], [1], 'int32').expand(vocabulary).cumsum(0)
  const fromLast = constant([vocabulary], [1], 'int32').sub(numbers)
  const largest = logits.equal(logits.max([-1], { keepdims: true }))
  const first = largest.where(fromLast, constant([-1], [1], 'int32')).max([-1])
  return constant([vocabulary - 1], [1], 'int32')
    .sub(first)
    .unsqueeze(0)
}

type Given = Called & { readonly outputs: Record<string, Tensor> }

/** The input that is added to the scores that tokens are chosen by: models of speech forbid some tokens at each step. */
const BIAS = 'token_bias'

const withBias = (given: Given): Given => ({
  ...given,
  inputs: { ...given.inputs, [BIAS]: input([given.outputs.logits!.shape.at(-1)!]) },
})

/** The likeliest token goes on as the next step's only one, until one of `ends` comes. */
function looping(
  { model, inputs, outputs: { logits }, replaced, continued }: Given,
  ids: string,
  mask: string,
  target: Target,
): Steps<Program> {
  const last = (x: Tensor) => x.gather(constant([-1], [1], 'int32'), 1)
  const bias = inputs[BIAS]
  const next = last((bias ? logits!.add(bias) : logits!).argmax()) // [batch, 1]
  const ends = input(['ends'], 'int32')
  const ended = next.equal(ends).cast('int32').max([0, 1])
  const { position_ids, scored } = inputs
  const longer = (each: Tensor) => concat([each, next.mul(0).add(1)], 1, each.shape[1]!)
  const counted = topologicalOrder([logits!]).some((node) => node.outputs.includes(position_ids!))
  return loopProgram(
    {
      carried: {
        [ids]: { next },
        ...Object.fromEntries(
          [mask, ...continued!.windows.keys()].map((name) => [name, { next: longer(inputs[name]!) }]),
        ),
        scored: { next: constant([0], [1], 'int32') },
        ...(counted && { position_ids: { next: last(position_ids!).add(1) } }),
        ...Object.fromEntries(
          [...continued!.presents].map(([past, x]) => [recentOf(past), { next: x, as: presentOf(past) }]),
        ),
      },
      last: { logits: logits! },
      each: { tokens: next },
      goOn: ended.equal(0),
    },
    { ...inputs, scored: scored!, ends },
    parameters(model),
    target,
    replaced,
  )
}
