/** @file The activations of Transformers, by the names `hidden_act` gives them. */
import type { CompositeName, Kernel } from '../operations'
import { apply, Float, Node, type Tensor } from '../tensor'
import type { Composite } from './composite'

const activation = (op: CompositeName) => (x: Tensor) => apply(op, [x], x)

/** As `ACT2FN` of transformers.activations. */
export const activations = {
  gelu: activation('gelu'),
  gelu_new: activation('geluTanh'),
  gelu_fast: activation('geluTanh'),
  gelu_pytorch_tanh: activation('geluTanh'),
  quick_gelu: activation('quickGelu'),
  relu: (x: Tensor) => x.relu(),
  silu: activation('silu'),
  swish: activation('silu'),
  sigmoid: (x: Tensor) => x.sigmoid(),
  tanh: (x: Tensor) => x.tanh(),
  linear: (x: Tensor) => x,
}
export type Activation = keyof typeof activations

const kernel =
  (op: Kernel, attributes: Record<string, Float> = {}): NonNullable<Composite['fused']> =>
  ({ inputs, outputs }) =>
    new Node(op, inputs, outputs, attributes, 'com.microsoft').outputs

export const activationComposites = {
  gelu: {
    plain: ({ inputs: [x] }) => [x!.mul(x!.div(Math.SQRT2).erf().add(1)).mul(0.5)],
    fused: kernel('Gelu'),
  },
  geluTanh: {
    plain({ inputs: [x] }) {
      const cubic = x!.mul(x!).mul(x!).mul(0.044715).add(x!)
      return [
        cubic
          .mul(Math.sqrt(2 / Math.PI))
          .tanh()
          .add(1)
          .mul(x!)
          .mul(0.5),
      ]
    },
    fused: kernel('FastGelu'),
  },
  quickGelu: {
    plain: ({ inputs: [x] }) => [x!.mul(x!.mul(1.702).sigmoid())],
    fused: kernel('QuickGelu', { alpha: new Float(1.702) }),
  },
  silu: {
    plain: ({ inputs: [x] }) => [x!.mul(x!.sigmoid())],
    fused: kernel('QuickGelu', { alpha: new Float(1) }),
  },
} satisfies Record<string, Composite>
