/** @file Connectionist temporal classification: how unlikely it is that frames spell a text, over all ways to do it. */
import { GraphError } from '../errors'
import { scan } from '../scan'
import { product, sum as sumOf } from '../shape'
import { arange, constant, Node, scalar, type Tensor } from '../tensor'
import type { Composite } from './composite'

export interface CTCLossOptions {
  /** The class that stands for no token. */
  blank?: number
  reduction?: 'mean' | 'sum'
  /** Whether texts that have more tokens than there are frames cost nothing, instead of infinitely much. */
  zeroInfinity?: boolean
}

export function applyCTCLoss(
  logits: Tensor,
  keep: Tensor,
  labels: Tensor,
  { blank = 0, reduction = 'mean', zeroInfinity = false }: CTCLossOptions,
): Tensor {
  const fits = logits.rank === 3 && labels.rank === 2 && labels.shape[0] === logits.shape[0]
  if (!fits || String(keep.shape) !== String(logits.shape.slice(0, 2)) || labels.dtype !== 'int32') {
    throw new GraphError(
      `ctcLoss needs logits [batch, frames, classes], a mask [batch, frames] and int32 labels [batch, tokens], got ` +
        `[${logits.shape}], [${keep.shape}] and ${labels.dtype} [${labels.shape}].`,
    )
  }
  const counts = labels.less(0).not().cast('float32').sum([1]) // [batch]
  const losses = new Node(
    'ctcLoss',
    [logits, keep.cast('float32'), labels],
    [{ dtype: logits.dtype, shape: [logits.shape[0]!] }],
    { blank, zero_infinity: Number(zeroInfinity) },
  ).outputs[0]!
  if (reduction === 'sum') return losses.sum([0])
  return losses.div(counts.greater(1).where(counts, 1)).mean([0])
}

/** The logarithm of what can't be. Finite, so that nothing is ever less than it by itself. */
const NEVER = -1e30

export const ctcLossComposite: Composite = {
  plain(node) {
    const { loss } = pathsOf(node)
    return [loss]
  },
  // Softmax less how likely it is that each frame stands for each class, of all ways to spell the text.
  gradient(node, [dy]) {
    const { logProbabilities, emitted, forward, likelihood, impossible, backward, classes, counted } =
      pathsOf(node)
    const joint = forward.states.add(backward().states).transpose(1, 0, 2) // [batch, frames, places]
    const posterior = joint.sub(emitted).sub(likelihood.unsqueeze(1, 2)).exp()
    const slope = logProbabilities.exp().sub(posterior.matmul(classes))
    const flow = impossible.where(scalar(0, dy!.dtype), dy!)
    return [
      counted
        .unsqueeze(-1)
        .greater(0)
        .where(slope.mul(flow.unsqueeze(1, 2)), 0),
    ]
  },
}

/** All ways through the places of a text: its tokens, and no token before, between and behind them. */
function pathsOf({ inputs: [logits, counted, labels], attributes }: Node) {
  const [batch, , count] = logits!.shape
  const shifted = logits!.sub(logits!.max([-1], { keepdims: true }))
  const logProbabilities = shifted.sub(shifted.exp().sum([-1], { keepdims: true }).log())

  const tokens = labels!.shape[1]!
  const size = sumOf([product([2, tokens]), 1])
  const places = arange(String(size))
  const halves = places.div(2)
  const isToken = halves.mul(2).equal(places).not() // [places]
  const last = arange(String(tokens)).max([0])
  const token = labels!.gather(halves.greater(last).where(last, halves), 1) // [batch, places]
  const text = isToken.where(token.less(0).where(scalar(0, 'int32'), token), Number(attributes.blank))
  const numbers = constant(
    Array.from({ length: Number(count) }, (_, i) => i),
    [Number(count)],
    'int32',
  )
  const classes = text.unsqueeze(-1).equal(numbers).cast(logits!.dtype) // [batch, places, classes]
  const emitted = logProbabilities.matmul(classes.transpose(0, 2, 1)) // [batch, frames, places]

  const none = scalar(NEVER, logits!.dtype)
  const free = (may: Tensor) => may.where(scalar(0, logits!.dtype), none)
  const at = (offset: number) => {
    const moved = places.add(offset)
    const inside = moved.less(0).not().where(moved, scalar(0, 'int32'))
    const end = places.max([0])
    return inside.greater(end).where(end, inside)
  }
  // Two tokens may follow each other without a pause unless they are the same.
  const differs = text.equal(text.gather(at(-2), 1)).not()
  const skips = isToken.where(free(differs), none)
  const jumps = places.greater(1).where(skips, none) // [batch, places], into a place from two before it
  const lengths = labels!.less(0).not().cast('int32').sum([1], { keepdims: true }).mul(2) // the last place of each text

  const begins = free(places.equal(0)).expand(batch!, size)
  const sequence = [emitted.transpose(1, 0, 2), counted!.transpose(1, 0).unsqueeze(-1)]
  const forward = scan(step, begins, [at(-1), free(places.greater(0)), at(-2), jumps], sequence)
  const backward = () => {
    const follows = free(places.less(places.max([0])))
    const beyond = places.add(1).less(places.max([0]))
    const back = beyond.where(jumps.gather(at(2), 1), none)
    return scan(step, free(places.equal(lengths)), [at(1), follows, at(2), back], sequence, { reverse: true })
  }
  const ends = places.equal(lengths).where(forward.last, none)
  const before = places.equal(lengths.sub(1)).where(forward.last, none)
  const likelihood = logSum([ends.max([1]), before.max([1])])
  const impossible = likelihood.less(NEVER / 10)
  const infinite = attributes.zero_infinity ? 0 : Number.POSITIVE_INFINITY
  const loss = impossible.where(scalar(infinite, logits!.dtype), likelihood.neg())
  return {
    logProbabilities,
    emitted,
    forward,
    backward,
    likelihood,
    impossible,
    loss,
    classes,
    counted: counted!,
  }
}

/** One frame on: each place is come to from itself, from the one before, or from the one before that. */
function step(
  state: Tensor,
  [near, toNear, far, toFar]: readonly Tensor[],
  [emitted, counts]: readonly Tensor[],
): Tensor {
  const moved = logSum([state, state.gather(near!, 1).add(toNear!), state.gather(far!, 1).add(toFar!)])
  return counts!.greater(0).where(moved.add(emitted!), state)
}

function logSum(values: readonly Tensor[]): Tensor {
  const largest = values.reduce((a, b) => a.greater(b).where(a, b))
  const powers = values.map((value) => value.sub(largest).exp())
  return powers
    .reduce((a, b) => a.add(b))
    .log()
    .add(largest)
}
