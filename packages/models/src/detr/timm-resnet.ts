/** @file ResNet with the names that timm gives its parts, of which the DETR checkpoints of the Hub have their features. */
import { batchNorm2d, conv2d, maxPool2d, module, type Tensor } from '@webformers/graph'
import { type Json, refuse } from '../configuration'

/** How a ResNet of timm is built. */
export interface TimmResNetPlan {
  readonly bottleneck: boolean
  /** How many blocks each stage has. */
  readonly layers: readonly number[]
  /** How wide the blocks of each stage are. */
  readonly channels: readonly number[]
  readonly inputs: number
  /** How many pixels one place of the last features stands for; what a smaller one saves in strides, dilation makes up for. */
  readonly outputStride: number
  /** Which stages give features, the stem before the first counted. */
  readonly outIndices: readonly number[]
}

const plans: Readonly<Record<string, Pick<TimmResNetPlan, 'bottleneck' | 'layers'>>> = {
  resnet18: { bottleneck: false, layers: [2, 2, 2, 2] },
  resnet26: { bottleneck: true, layers: [2, 2, 2, 2] },
  resnet34: { bottleneck: false, layers: [3, 4, 6, 3] },
  resnet50: { bottleneck: true, layers: [3, 4, 6, 3] },
  resnet101: { bottleneck: true, layers: [3, 4, 23, 3] },
  resnet152: { bottleneck: true, layers: [3, 8, 36, 3] },
}

interface TimmConfig {
  readonly model_type: string
  readonly num_channels: number
  readonly backbone: string | null
  readonly backbone_kwargs: Json | null
  readonly dilation: boolean | null
}

/** How many channels the features of the stem have, and by how much the last layer of a bottleneck is wider than the others. */
const [STEM, EXPANSION] = [64, 4]

const KNOWN = ['out_indices', 'in_chans', 'output_stride', 'layers', 'channels']

/**
 * The ResNet that `backbone` and `backbone_kwargs` mean; what follows a point in the name says how it was trained.
 * @example timmResNetPlan(config).layers // [3, 4, 6, 3]
 * @throws {ConfigurationError} when it is none of these.
 */
export function timmResNetPlan(c: TimmConfig): TimmResNetPlan {
  const name = String(c.backbone).split('.')[0]!
  const plan = Object.hasOwn(plans, name)
    ? plans[name]!
    : refuse(c, 'backbone', Object.keys(plans).join(', '))
  const { layers, channels, in_chans, output_stride, out_indices, ...others } = c.backbone_kwargs ?? {}
  if (Object.keys(others).length > 0) refuse(c, 'backbone_kwargs', `the keys ${KNOWN.join(', ')}`)
  return {
    ...plan,
    ...(layers !== undefined && { layers: layers as number[] }),
    channels: (channels ?? [64, 128, 256, 512]) as number[],
    inputs: Number(in_chans ?? c.num_channels),
    outputStride: Number(output_stride ?? (c.dilation ? 16 : 32)),
    outIndices: (out_indices ?? [1, 2, 3, 4]) as number[],
  }
}

/** How many channels the features have that come out. */
export const timmResNetChannels = ({ bottleneck, channels, outIndices }: TimmResNetPlan): number[] =>
  outIndices.map((index) => (index === 0 ? STEM : channels[index - 1]! * (bottleneck ? EXPANSION : 1)))

const convolution = (inputs: number, outputs: number, kernel: number, { stride = 1, dilation = 1 } = {}) =>
  conv2d(inputs, outputs, kernel, { stride, dilation, padding: ((kernel - 1) / 2) * dilation, bias: false })

/** How a block looks further than its neighbours. */
interface Reach {
  readonly stride: number
  /** Of the convolution that has the stride. */
  readonly firstDilation: number
  readonly dilation: number
}

const shortcut = (inputs: number, outputs: number, { stride }: Reach) =>
  inputs === outputs && stride === 1
    ? undefined
    : module({ 0: convolution(inputs, outputs, 1, { stride }), 1: batchNorm2d(outputs) }).forward(
        (m, x: Tensor) => m[1](m[0](x)),
      )

const BasicBlock = (inputs: number, width: number, reach: Reach) =>
  module({
    conv1: convolution(inputs, width, 3, { stride: reach.stride, dilation: reach.firstDilation }),
    bn1: batchNorm2d(width),
    conv2: convolution(width, width, 3, { dilation: reach.dilation }),
    bn2: batchNorm2d(width),
    downsample: shortcut(inputs, width, reach),
  }).forward((m, x: Tensor) =>
    m
      .bn2(m.conv2(m.bn1(m.conv1(x)).relu()))
      .add(m.downsample?.(x) ?? x)
      .relu(),
  )

const Bottleneck = (inputs: number, width: number, reach: Reach) =>
  module({
    conv1: convolution(inputs, width, 1),
    bn1: batchNorm2d(width),
    conv2: convolution(width, width, 3, { stride: reach.stride, dilation: reach.firstDilation }),
    bn2: batchNorm2d(width),
    conv3: convolution(width, width * EXPANSION, 1),
    bn3: batchNorm2d(width * EXPANSION),
    downsample: shortcut(inputs, width * EXPANSION, reach),
  }).forward((m, x: Tensor) => {
    const narrow = m.bn1(m.conv1(x)).relu()
    const looked = m.bn2(m.conv2(narrow)).relu()
    return m
      .bn3(m.conv3(looked))
      .add(m.downsample?.(x) ?? x)
      .relu()
  })

/** The blocks of all stages. */
function stagesOf({ bottleneck, layers, channels, outputStride }: TimmResNetPlan) {
  const [Block, expansion] = bottleneck ? [Bottleneck, EXPANSION] : [BasicBlock, 1]
  let [inputs, total, dilation] = [STEM, 4, 1] // the stem has made four pixels one
  return layers.map((count, stage) => {
    const before = dilation
    let stride = stage === 0 ? 1 : 2
    if (stride === 2 && total >= outputStride) {
      dilation *= stride
      stride = 1
    } else total *= stride
    return Array.from({ length: count }, (_, index) => {
      const reach =
        index === 0
          ? { stride, firstDilation: before, dilation }
          : { stride: 1, firstDilation: dilation, dilation }
      const block = Block(inputs, channels[stage]!, reach)
      inputs = channels[stage]! * expansion
      return block
    })
  })
}

/** Pixels [batch, channels, height, width] to the features of each stage that is asked for. */
export function TimmResNet(plan: TimmResNetPlan) {
  const [layer1, layer2, layer3, layer4] = stagesOf(plan)
  return module({
    conv1: convolution(plan.inputs, STEM, 7, { stride: 2 }),
    bn1: batchNorm2d(STEM),
    layer1: layer1!,
    layer2: layer2!,
    layer3: layer3!,
    layer4: layer4!,
  }).forward((m, pixels: Tensor): readonly Tensor[] => {
    const stem = m.bn1(m.conv1(pixels)).relu()
    const maps = [stem]
    let x = maxPool2d(stem, 3, { stride: 2, padding: 1 })
    for (const stage of [m.layer1, m.layer2, m.layer3, m.layer4]) {
      for (const block of stage) x = block(x)
      maps.push(x)
    }
    return plan.outIndices.map((index) => maps[index]!)
  })
}
