/** @file Values added up where a gather read them: its gradient. */
import { product, type Shape } from './shape'
import { apply, scalar, type Tensor } from './tensor'

export const zeros = ({ dtype, shape }: { dtype: Tensor['dtype']; shape: Shape }) =>
  shape.length === 0 ? scalar(0, dtype) : scalar(0, dtype).expand(...shape)

/** The entries of `dy`, which a gather read along `axis`, added up where they were read from. */
export function scatter(dy: Tensor, x: Tensor, indices: Tensor, axis: number): Tensor {
  const [before, after] = [x.shape.slice(0, axis), x.shape.slice(axis + 1)]
  const chosen = product(indices.shape)
  const places = indices
    .reshape(...before.map(() => 1), chosen, ...after.map(() => 1))
    .expand(...before, chosen, ...after)
  const updates = dy.reshape(...before, chosen, ...after)
  return apply('ScatterElements', [zeros(x), places, updates], x, { axis, reduction: 'add' })
}
