/** @file How small an image or a recording may be, so that something is left of it behind all windows. */
import { type Dim, difference, isName, namesIn, sizeOf, sum } from './shape'
import { dimsOf, type Tensor } from './tensor'

/** More than anybody has of anything. */
const ENOUGH = 2 ** 24

/**
 * The smallest sizes of named dimensions for which all that is computed of them is at least one.
 * @example leastSizes([convolved]) // { height: 7 } of windows of 7, [batch, channels, 'floor((height-7)/4)+1', …]
 */
export function leastSizes(values: Iterable<Tensor>): Record<string, number> {
  const computed = new Set([...values].flatMap(wanted).filter(isComputed))
  const names = new Set([...computed].flatMap(namesIn))
  const enough = Object.fromEntries([...names].map((name) => [name, ENOUGH]))
  const leasts = [...names].map((name) => {
    const concerned = [...computed].filter((dim) => namesIn(dim).includes(name))
    const fits = (size: number) => concerned.every((dim) => sizeOf(dim, { ...enough, [name]: size }) > 0)
    let [least, most] = [1, ENOUGH]
    while (least < most) {
      const middle = Math.floor((least + most) / 2)
      if (fits(middle)) most = middle
      else least = middle + 1
    }
    return [name, least] as const
  })
  return Object.fromEntries(leasts.filter(([, least]) => least > 1))
}

/** Operations that want some of what they count. */
const counting: ReadonlySet<string> = new Set([
  'Input',
  'Conv',
  'ConvTranspose',
  'MaxPool',
  'AveragePool',
  'Reshape',
  'Slice',
])

/** The dimensions that have to be at least one. */
function wanted({ node: { op, inputs }, shape }: Tensor): readonly Dim[] {
  if (op !== 'Slice') return counting.has(op) ? shape : []
  const [x, , end, axis] = inputs
  const rest = difference(x!.shape[dimsOf(axis!)[0] as number]!, dimsOf(end!)[0]!)
  return [...shape, sum([rest, 1])]
}

const isComputed = (dim: string | number): dim is string => typeof dim === 'string' && !isName(dim)
