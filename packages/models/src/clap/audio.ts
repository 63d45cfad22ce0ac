/** @file The tower of CLAP that hears: HTS-AT (https://arxiv.org/abs/2202.00874), a Swin over spectrograms made pictures. */
import {
  batchNorm2d,
  concat,
  conv2d,
  type Dim,
  difference,
  input,
  interpolate,
  layerNorm,
  limit,
  module,
  type Tensor,
} from '@webformers/graph'
import type { Inputs } from '../architecture'
import { dropPathRates } from '../drop-path'
import { heightAndWidth, type ImageSize } from '../image-size'
import type { SwinConfig } from '../swin/configuration'
import { SwinStage } from '../swin/modeling'
import type { Grid } from '../swin/windows'
import { type ClapAudioConfig as Config, patchesOf } from './configuration'

/** Of the norms that the configuration has no epsilon for. */
const EPSILON = 1e-5
/** Of what is fused: the whole, and pieces from its beginning, its middle and its end. */
const PIECES = 3

export type AudioInputs = Inputs & Readonly<Record<'input_features', Tensor>>

/** Spectrograms [batch, channels, frames, bins], and which of them are longer than one picture. */
export const audioInputs = (c: Config, batch = 'batch'): AudioInputs => ({
  input_features: input([batch, c.enable_fusion ? 1 + PIECES : 1, 'frames', c.num_mel_bins]),
  ...(c.enable_fusion && { is_longer: input([batch, 1], 'bool') }),
})

/** How many times as long as its bins are many a picture is folded to be square. */
const ratioOf = ({ spec_size, num_mel_bins }: Config) => spec_size / num_mel_bins

/** Spectrograms, stretched to the length that pictures are made of, folded: [batch, channels, size, size]. */
function asPictures(x: Tensor, c: Config): Tensor {
  const ratio = ratioOf(c)
  const length = c.spec_size * ratio
  const [batch, channels, , bins] = x.shape as [Dim, number, Dim, number]
  const stretched = interpolate(limit(x, 2, length), {
    size: [length, bins],
    mode: 'bicubic',
    alignCorners: true,
  })
  return stretched
    .reshape(batch, channels * ratio, length / ratio, bins)
    .transpose(0, 1, 3, 2)
    .reshape(batch, channels, bins * ratio, length / ratio)
}

const pointwise = (inputs: number, outputs: number) => conv2d(inputs, outputs, 1)

/** How much of each of two maps is taken, at each place and everywhere. */
function ClapAudioAFFBlock(c: Config) {
  const channels = c.patch_embeds_hidden_size
  const inner = Math.floor(channels / c.aff_block_r)
  const down = () => ({ conv: pointwise(channels, inner), norm: batchNorm2d(inner) })
  const up = () => ({ conv: pointwise(inner, channels), norm: batchNorm2d(channels) })
  const [local, everywhere] = [
    [down(), up()],
    [down(), up()],
  ] as const
  return module({
    local_att: { 0: local[0].conv, 1: local[0].norm, 3: local[1].conv, 4: local[1].norm },
    global_att: {
      1: everywhere[0].conv,
      2: everywhere[0].norm,
      4: everywhere[1].conv,
      5: everywhere[1].norm,
    },
  }).forward((_, x: Tensor, residual: Tensor) => {
    const sum = x.add(residual)
    const through = ([first, second]: typeof local, given: Tensor) =>
      second.norm(second.conv(first.norm(first.conv(given)).relu()))
    const mean = sum.mean([2, 3], { keepdims: true })
    const share = through(local, sum).add(through(everywhere, mean)).sigmoid()
    return x
      .mul(share)
      .add(residual.mul(share.neg().add(1)))
      .mul(2)
  })
}

const ClapAudioPatchEmbed = (c: Config) => {
  const [height, width] = heightAndWidth(c.patch_size)
  const [down, across] = heightAndWidth(c.patch_stride as unknown as ImageSize)
  const channels = c.patch_embeds_hidden_size
  const padding = [Math.floor((height - down) / 2), Math.floor((width - across) / 2)]
  const wide = { stride: [down, PIECES * across], padding }
  return module({
    proj: conv2d(c.patch_embed_input_channels, channels, [height, width], {
      stride: [down, across],
      padding,
    }),
    norm: c.enable_patch_layer_norm ? layerNorm(channels, EPSILON) : undefined,
    fusion_model: c.enable_fusion ? ClapAudioAFFBlock(c) : undefined,
    mel_conv2d: c.enable_fusion
      ? conv2d(c.patch_embed_input_channels, channels, [height, PIECES * width], wide)
      : undefined,
  }).forward((m, pictures: Tensor, isLonger?: Tensor) => {
    const whole = m.proj(pictures.slice(1, 0, 1)) // [batch, channels, rows, columns]
    const [batch, , rows, columns] = whole.shape as [Dim, number, number, number]
    let maps = whole
    if (m.mel_conv2d && m.fusion_model && isLonger) {
      const pieces = Array.from({ length: PIECES }, (_, i) => m.mel_conv2d!(pictures.slice(1, i + 1, i + 2)))
      const beside = concat(pieces, 3)
      const filled = beside.pad([0, difference(columns, beside.shape[3]!)])
      const fused = m.fusion_model(whole, filled)
      maps = whole.add(fused.sub(whole).mul(isLonger.cast(whole.dtype).unsqueeze(2, 3)))
    }
    const patches = maps.reshape(batch, channels, rows * columns).transpose(0, 2, 1)
    return m.norm ? m.norm(patches) : patches
  })
}

/** What Swin calls what this tower is made of. */
const asSwin = (c: Config): SwinConfig =>
  ({ ...c, embed_dim: c.patch_embeds_hidden_size, num_heads: c.num_attention_heads }) as unknown as SwinConfig

const ClapAudioEncoder = (c: Config) => {
  const rates = dropPathRates(c.drop_path_rate, c.depths)
  const [rows, columns] = patchesOf(c)
  const grids = c.depths.map(
    (_, stage): Grid => [Math.floor(rows / 2 ** stage), Math.floor(columns / 2 ** stage)],
  )
  const [lastRows, lastColumns] = grids.at(-1)!
  const channels = c.patch_embeds_hidden_size * 2 ** (c.depths.length - 1)
  return module({
    patch_embed: ClapAudioPatchEmbed(c),
    layers: grids.map((grid, stage) => SwinStage(asSwin(c), stage, grid, rates[stage]!, false)),
    batch_norm: batchNorm2d(c.num_mel_bins),
    norm: layerNorm(channels, EPSILON),
  }).forward((m, { input_features, is_longer }: AudioInputs) => {
    const normed = m.batch_norm(input_features.transpose(0, 3, 2, 1)).transpose(0, 3, 2, 1)
    let hidden = m.patch_embed(asPictures(normed, c), is_longer)
    const asMap = (x: Tensor, grid: Grid) =>
      x.reshape(x.shape[0]!, ...grid, x.shape[2]!).transpose(0, 3, 1, 2)
    const hidden_states = [asMap(hidden, grids[0]!)]
    const attentions: Tensor[] = []
    for (const [stage, layer] of m.layers.entries()) {
      const { hidden: next, maps } = layer(hidden)
      hidden = next
      hidden_states.push(asMap(hidden, grids[stage + 1] ?? grids[stage]!))
      if (maps) attentions.push(maps)
    }
    const batch = hidden.shape[0]!
    // Each fold of the picture holds all bins of a part of the time.
    const bins = Math.floor(lastRows / ratioOf(c))
    const last_hidden_state = m
      .norm(hidden)
      .transpose(0, 2, 1)
      .reshape(batch, channels, lastRows / bins, bins, lastColumns)
      .transpose(0, 1, 3, 2, 4)
      .reshape(batch, channels, bins, (lastRows / bins) * lastColumns)
    return { last_hidden_state, pooler_output: last_hidden_state.mean([2, 3]), hidden_states, attentions }
  })
}

export const ClapAudioModel = (c: Config) =>
  module({ audio_encoder: ClapAudioEncoder(c) }).forward((m, inputs: AudioInputs) => m.audio_encoder(inputs))
