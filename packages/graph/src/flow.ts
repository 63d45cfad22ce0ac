/** @file What flows back to the tensors of a graph while it is differentiated. */
import { patched, type Slice } from './rules'
import { alike, type Dim } from './shape'
import type { Tensor } from './tensor'

/** The gradients that tensors have received, as far as these are asked for. */
export class Flow {
  readonly #sums = new Map<Tensor, Tensor>()
  readonly #slices = new Map<Tensor, Slice[]>()

  /** What is not in `asked` receives nothing. */
  constructor(private readonly asked: ReadonlySet<Tensor | undefined>) {}

  receive(x: Tensor | undefined, dx: Tensor | undefined): void {
    if (!x || !dx || !this.asked.has(x)) return
    const summed = unbroadcast(dx, x)
    const before = this.#sums.get(x)
    this.#sums.set(x, before ? before.add(summed) : summed)
  }

  /** Slices wait for those beside them, to become one tensor together. */
  receiveSlice(x: Tensor, slice: Slice): void {
    if (this.asked.has(x)) this.#slices.set(x, [...(this.#slices.get(x) ?? []), slice])
  }

  /** All that `x` has received; it may still have to be broadcast to its shape. */
  of(x: Tensor): Tensor | undefined {
    const slices = this.#slices.get(x)
    if (slices) {
      this.#slices.delete(x)
      for (const row of rowsOf(slices)) this.receive(x, patched(row, x))
    }
    return this.#sums.get(x)
  }

  replace(x: Tensor, dx: Tensor | undefined): void {
    if (dx) this.#sums.set(x, dx)
  }
}

/** A gradient in the shape of what it belongs to. */
export const full = (dx: Tensor, x: Tensor): Tensor => (alike(dx.shape, x.shape) ? dx : dx.expand(...x.shape))

/** Sum `dx` over the axes along which `x` was broadcast. */
function unbroadcast(dx: Tensor, x: Tensor): Tensor {
  const extra = Math.max(0, dx.rank - x.rank)
  const shape = x.shape.slice(Math.max(0, x.rank - dx.rank)) // that of the axes both have
  const leading = dx.shape.flatMap((dim, axis) => (axis < extra && dim !== 1 ? [axis] : []))
  const inner = shape.flatMap((dim, i) => (dim === 1 && dx.shape[extra + i] !== 1 ? [extra + i] : []))
  const keepdims = inner.length > 0 || leading.length < extra
  const axes = [...leading, ...inner]
  const summed = axes.length > 0 ? dx.sum(axes, { keepdims }) : dx
  return summed.rank > x.rank ? summed.reshape(...x.shape) : summed
}

/** Slices in rows, along one axis each, in which none overlaps another. Of a size that only a run knows it is plain no more than
 * that a slice begins where another ends. */
function rowsOf(slices: readonly Slice[]): Slice[][] {
  const rows: Slice[][] = []
  const place = ({ start }: Slice) => (typeof start === 'number' ? start : Number.POSITIVE_INFINITY)
  for (const slice of slices.toSorted((a, b) => place(a) - place(b) || 0)) {
    const follows = (end: Dim) => end === slice.start || Number(end) <= Number(slice.start)
    const row = rows
      .map((each) => each.at(-1)!)
      .findIndex(({ axis, end }) => axis === slice.axis && follows(end))
    if (row < 0) rows.push([slice])
    else rows[row]!.push(slice)
  }
  return rows
}
