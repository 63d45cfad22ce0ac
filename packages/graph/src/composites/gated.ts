/** @file Activations that weigh another value, as feed-forward layers of language models have them. */
import { product } from '../shape'
import { apply, constant, Node, type Tensor } from '../tensor'
import { Float } from '../types'
import { type Activation, activations } from './activations'
import type { Composite, Lowering } from './composite'
import { joinedProduct, type Projections, projectionsOf, wholeOf } from './projections'

/** The activation of `gate` times `up`, shaped alike. */
export const gated = (activation: Activation, gate: Tensor, up: Tensor): Tensor =>
  apply('gated', [gate, up], gate, { activation })

export const gatedComposite: Composite = {
  plain: ({ inputs: [gate, up], attributes: { activation } }) => [
    activations[activation as Activation](gate!).mul(up!),
  ],
  fused({ inputs: [gate, up], outputs: [y], attributes }, lowering) {
    const activation = attributes.activation as Activation
    const { device, compute } = lowering.target
    if (device !== 'webgpu') return undefined
    const projections = projectionsOf([gate!, up!], lowering)
    const types = projections?.weights.map((weight) => lowering.blocked(weight)?.type) ?? []
    // onnxruntime makes one kernel of a norm, both products and this.
    const silu = activation === 'silu' || activation === 'swish'
    if (projections && silu && types.every((type) => type === 'Q4_0'))
      return [gate!.mul(gate!.sigmoid()).mul(up!)]
    if (compute !== 'float32') return undefined // not every GPU has what tests would need
    const ended = projections && !types.some(Boolean) && endingProduct(activation, projections, lowering)
    if (ended) return [ofHalves(ended, ended, 2 / TINY).reshape(...y!.shape)]
    const both = wholeOf([gate!, up!]) ?? (projections && joinedProduct(projections, lowering))
    return both && [ofHalves(activations[activation](both), both, 1).reshape(...y!.shape)]
  },
}

/** The first half of each row of `a` times the second half of that of `b`, times `factor`: [rows, half]. */
function ofHalves(a: Tensor, b: Tensor, factor: number): Tensor {
  const half = Number(a.shape.at(-1)) / 2
  const rows = product(a.shape.slice(0, -1))
  const chosen = constant([0, factor, 0, 0], [2, 2])
  const halves = [a, b].map((x) => x.reshape(rows, 2, half))
  return apply(
    'Einsum',
    [chosen, ...halves],
    { dtype: a.dtype, shape: [rows, half] },
    { equation: 'ab,rai,rbi->ri' },
  )
}

/** Numbers times this are so small that a smooth activation gives their half, to the last bit: the other rows of a product whose
 * kernel activates what it gives. */
const TINY = 2 ** -60

/** Kernels of products that end with an activation, which give half of what is close to zero. */
const endings: {
  readonly [A in Activation]?: { readonly activation: string; readonly parameters: readonly number[] }
} = {
  gelu: { activation: 'Gelu', parameters: [0] },
  gelu_new: { activation: 'Gelu', parameters: [1] },
  gelu_fast: { activation: 'Gelu', parameters: [1] },
  gelu_pytorch_tanh: { activation: 'Gelu', parameters: [1] },
  silu: { activation: 'QuickGelu', parameters: [1] },
  swish: { activation: 'QuickGelu', parameters: [1] },
}

/** The activation of the first product, and TINY / 2 times the second, side by side; nothing where no kernel gives them. */
function endingProduct(
  name: Activation,
  { x, weights, biases }: Projections,
  lowering: Lowering,
): Tensor | undefined {
  const ending = endings[name]
  const [inputs, outputs] = [Number(x.shape.at(-1)), Number(weights[0]!.shape[0])]
  if (!ending || inputs % 4 !== 0 || outputs % 4 !== 0) return undefined
  const factors = [1, TINY]
  const weight = lowering.joined(weights, { factors, shape: [2 * outputs, inputs, 1, 1] })
  const bias = biases && lowering.joined(biases, { factors, shape: [2 * outputs] })
  if (!weight || (biases && !bias)) return undefined
  const rows = product(x.shape.slice(0, -1))
  const { activation, parameters } = ending
  // Channels go to where the kernel expects them, and onnxruntime, whose kernel has them last, takes both turns away.
  const channels = x.reshape(rows, 1, 1, inputs).transpose(0, 3, 1, 2)
  const convolution = new Node(
    'FusedConv',
    [channels, weight, ...(bias ? [bias] : [])],
    [{ dtype: x.dtype, shape: [rows, 2 * outputs, 1, 1] }],
    { activation, activation_params: parameters.map((value) => new Float(value)) },
    'com.microsoft',
  )
  return convolution.outputs[0]!.transpose(0, 2, 3, 1).reshape(rows, 2 * outputs)
}
