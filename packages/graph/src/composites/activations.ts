/** @file The activations of Transformers, by the names `hidden_act` gives them. */
import type { CompositeName, Kernel } from '../operations'
import { apply, Node, scalar, type Tensor } from '../tensor'
import { Float } from '../types'
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
  relu6: activation('relu6'),
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

/** `dy` times x · σ(αx) differentiated: σ(αx) · (1 + α · (x − x · σ(αx))). */
const swishGradient =
  (alpha: number): NonNullable<Composite['gradient']> =>
  ({ inputs: [x], outputs: [y] }, [dy]) => {
    const scaled = (t: Tensor) => (alpha === 1 ? t : t.mul(alpha))
    return [scaled(x!.sub(y!)).add(1).mul(scaled(x!).sigmoid()).mul(dy!)]
  }

export const activationComposites = {
  gelu: {
    plain: ({ inputs: [x] }) => [x!.mul(x!.div(Math.SQRT2).erf().add(1)).mul(0.5)],
    fused: kernel('Gelu'),
    // (1 + erf u + 2 / √π · u · exp(−u²)) / 2 at u = x / √2; the factor goes into the exponent.
    gradient({ inputs: [x] }, [dy]) {
      const u = x!.div(Math.SQRT2)
      const density = scalar(Math.log(2 / Math.sqrt(Math.PI)), u.dtype)
        .sub(u.mul(u))
        .exp()
      return [density.mul(u).add(u.erf()).add(1).mul(dy!).mul(0.5)]
    },
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
    // x · σ(v) at v = x · (a + b · x²), so that σ(v) · (1 + (x − y) · v′) with v′ = a + 3b · x².
    gradient({ inputs: [x], outputs: [y] }, [dy]) {
      const a = 2 * Math.sqrt(2 / Math.PI)
      const cubic = x!.mul(x!).mul(a * 0.044715)
      const gate = cubic.add(a).mul(x!).sigmoid()
      return [cubic.mul(3).add(a).mul(x!.sub(y!)).add(1).mul(gate).mul(dy!)]
    },
  },
  quickGelu: {
    plain: ({ inputs: [x] }) => [x!.mul(x!.mul(1.702).sigmoid())],
    fused: kernel('QuickGelu', { alpha: new Float(1.702) }),
    gradient: swishGradient(1.702),
  },
  relu6: {
    plain({ inputs: [x] }) {
      const positive = x!.relu()
      return [positive.less(6).where(positive, 6)]
    },
    fused: ({ inputs: [x], outputs: [y] }) => [
      apply('Clip', [x, scalar(0, x!.dtype), scalar(6, x!.dtype)], y!),
    ],
  },
  silu: {
    plain: ({ inputs: [x] }) => [x!.mul(x!.sigmoid())],
    fused: kernel('QuickGelu', { alpha: new Float(1) }),
    gradient: swishGradient(1),
  },
} satisfies Record<string, Composite>
