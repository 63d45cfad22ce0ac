/** @file A Program that takes a step several times in one run: what goes from one step to the next never leaves onnxruntime. */
import type { Target } from './composites/composite'
import { lower } from './lower'
import { graphMessage, modelMessage, tensorMessage, valueInfo } from './onnx'
import { topologicalOrder } from './order'
import { boundsOf, type Program } from './program'
import { Message } from './protobuf'
import { selfContained } from './self-contained'
import type { Steps } from './steps'
import { input, type Tensor } from './tensor'
import type { TensorType } from './types'

/** A step in terms of its inputs. */
export interface Step {
  /** What inputs are in the next step; `as` is the output that gives what they are after the last one. */
  readonly carried: Readonly<Record<string, { readonly next: Tensor; readonly as?: string }>>
  /** What the last step gives. */
  readonly last: Readonly<Record<string, Tensor>>
  /** What each step gives, one behind the other along a new first axis. */
  readonly each: Readonly<Record<string, Tensor>>
  /** Whether another step follows: a bool scalar. */
  readonly goOn: Tensor
}

/** The input that tells how many steps there are at most, an int64 scalar. */
export const STEPS = 'steps'

/** Names in the body; those of the graph around it must be others. */
const inner = (name: string) => `step/${name}`

/**
 * The Program of a loop over a step. Inputs that are not carried are the same in all steps.
 * @param names gives each parameter its names in the checkpoint
 * @param replaced parameters, or other values, and what takes their place
 */
export function* loopProgram(
  step: Step,
  inputs: Readonly<Record<string, Tensor>>,
  names: ReadonlyMap<Tensor, readonly string[]>,
  target: Target,
  replaced: ReadonlyMap<Tensor, Tensor> = new Map(),
): Steps<Program> {
  const { carried, last, each, goOn } = step
  // In the order in which ONNX's Loop gives them.
  const outputs: Record<string, Tensor> = { goOn }
  for (const [name, { next }] of Object.entries(carried)) outputs[`next:${name}`] = next
  for (const [name, x] of Object.entries({ ...last, ...each })) outputs[name] = x
  const bounds = boundsOf(topologicalOrder(Object.values(outputs)))
  yield
  const lowered = yield* lower(outputs, names, target, replaced)
  const order = topologicalOrder(Object.values(lowered.outputs))
  const used = new Set(order.flatMap((node) => node.outputs))
  const needed = Object.entries(inputs).filter(([name, x]) => used.has(x) || name in carried)
  const made = selfContained(
    order,
    needed.map(([, x]) => x),
  )

  const leaves = new Map<Tensor, string>()
  for (const [name, x] of needed) leaves.set(x, name in carried ? inner(name) : name)
  for (const [x, { name }] of lowered.parameters) leaves.set(x, name)
  yield
  const body = yield* graphMessage(
    {
      [inner('number')]: scalarType('int64'),
      [inner('condition')]: scalarType('bool'),
      ...Object.fromEntries(Object.keys(carried).map((name) => [inner(name), inputs[name]!])),
      ...Object.fromEntries(Object.entries(last).map(([name, x]) => [inner(`before:${name}`), x])),
    },
    Object.fromEntries(
      Object.entries(lowered.outputs).map(([name, x]) => [inner(`${name}:given`), made.get(x)!]),
    ),
    leaves,
  )

  const types = Object.fromEntries<TensorType>(needed)
  types[STEPS] = input([], 'int64')
  const results: Record<string, TensorType> = {}
  for (const { next, as } of Object.values(carried)) if (as) results[as] = next
  for (const [name, x] of Object.entries(last)) results[name] = x
  for (const [name, { dtype, shape }] of Object.entries(each))
    results[name] = { dtype, shape: [STEPS, ...shape] }
  return {
    onnx: modelMessage(around(body, step, types, results)).finish(),
    inputs: Object.fromEntries(
      Object.entries(types).map(([name, { dtype, shape }]) => [
        name,
        { dtype, shape, ...bounds.ids.get(inputs[name]!) },
      ]),
    ),
    derived: {},
    limits: bounds.limits,
    outputs: Object.fromEntries(
      Object.entries(results).map(([name, { dtype, shape }]) => [name, { dtype, shape }]),
    ),
    parameters: [...lowered.parameters].filter(([x]) => used.has(x)).map(([, entry]) => entry),
  }
}

const scalarType = (dtype: TensorType['dtype']): TensorType => ({ dtype, shape: [] })

/** The graph that does nothing but loop. */
function around(
  body: Message,
  { carried, last, each }: Step,
  inputs: Readonly<Record<string, TensorType>>,
  outputs: Readonly<Record<string, TensorType>>,
): Message {
  const node = new Message()
  const graph = new Message().string(2, 'webformers')
  const always = tensorMessage('always', scalarType('bool')).bytes(9, Uint8Array.of(1))
  graph.message(5, always)
  const taken = [STEPS, 'always', ...Object.keys(carried)]
  // What only the last step gives needs something to be before the first.
  for (const [name, { dtype, shape }] of Object.entries(last)) {
    const nothing = tensorMessage(`nothing:${name}`, { dtype, shape: shape.map(() => 1) })
    graph.message(5, nothing.bytes(9, new Uint8Array(4)))
    taken.push(`nothing:${name}`)
  }
  for (const name of taken) node.string(1, name)
  const given = Object.entries(carried).map(([name, { as }]) => as ?? `unused:${name}`)
  for (const name of [...given, ...Object.keys(last), ...Object.keys(each)]) node.string(2, name)
  node.string(3, 'Loop').string(4, 'Loop')
  node.message(5, new Message().string(1, 'body').message(6, body).integer(20, 5))
  graph.message(1, node)
  for (const [name, type] of Object.entries(inputs)) graph.message(11, valueInfo(name, type))
  for (const [name, type] of Object.entries(outputs)) graph.message(12, valueInfo(name, type))
  return graph
}
