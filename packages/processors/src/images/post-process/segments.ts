/** @file Segments, each with its label and its score, out of DETR's masks. */
import { breather } from '@webformers/hub'
import { BilinearRows } from './interpolate'
import { best, checkTargets } from './object-detection'
import type { InstanceOptions, PanopticOptions, Segmentation, SegmentationOutputs } from './outputs'
import { largestOf } from './semantic'
import { sigmoids, softmaxRows } from './softmax'

/** A query whose label is likely enough. */
interface Candidate {
  readonly query: number
  readonly label: number
  readonly score: number
}

export const instanceSegmentation = (
  outputs: SegmentationOutputs,
  options: InstanceOptions,
): Promise<Segmentation[]> => panopticSegmentation(outputs, { ...options, labelIdsToFuse: [] })

export async function panopticSegmentation(
  { logits, pred_masks }: SegmentationOutputs,
  options: PanopticOptions,
): Promise<Segmentation[]> {
  const [images = 0, queries = 0, labels = 0] = logits.shape
  const { threshold = 0.5, targetSizes } = options
  checkTargets(images, targetSizes)
  const [, , height = 0, width = 0] = pred_masks.shape
  const results: Segmentation[] = []
  for (let image = 0; image < images; image++) {
    const probabilities = softmaxRows(
      logits.data.subarray(image * queries * labels, (image + 1) * queries * labels),
      labels,
    )
    const candidates = Array.from({ length: queries }, (_, query): Candidate => {
      return { query, ...best(probabilities.subarray(query * labels, (query + 1) * labels)) }
    }).filter(({ label, score }) => label !== labels - 1 && score > threshold)
    const [high, wide] = targetSizes?.[image] ?? [height, width]
    const plane = height * width
    const start = image * queries * plane
    const probabilitiesOf = ({ query }: Candidate) =>
      sigmoids(pred_masks.data.subarray(start + query * plane, start + (query + 1) * plane))
    results.push(
      await segmentsOf(
        candidates,
        probabilitiesOf,
        { height, width },
        { height: high, width: wide },
        options,
      ),
    )
  }
  return results
}

type Sized = { height: number; width: number }

async function segmentsOf(
  candidates: readonly Candidate[],
  probabilitiesOf: (candidate: Candidate) => Float32Array,
  from: Sized,
  to: Sized,
  { maskThreshold = 0.5, overlapMaskAreaThreshold = 0.8, labelIdsToFuse = [], signal }: PanopticOptions,
): Promise<Segmentation> {
  const data = new Int32Array(to.height * to.width)
  const segmentation = { dtype: 'int32' as const, shape: [to.height, to.width], data }
  if (candidates.length === 0)
    return { segmentation: { ...segmentation, data: data.fill(-1) }, segments_info: [] }
  const planes = new Float32Array(candidates.length * from.height * from.width)
  const breathe = breather(signal)
  for (const [k, candidate] of candidates.entries()) {
    planes.set(probabilitiesOf(candidate), k * from.height * from.width)
    await breathe()
  }
  const rows = new BilinearRows(planes, candidates.length, from, to)
  const [won, claimed] = [new Uint32Array(candidates.length), new Uint32Array(candidates.length)]
  for (let y = 0; y < to.height; y++) {
    const row = rows.row(y)
    for (const [k, { score }] of candidates.entries()) {
      for (let at = k * to.width; at < (k + 1) * to.width; at++) {
        row[at]! *= score
        if (row[at]! >= maskThreshold) claimed[k]!++
      }
    }
    const winners = data.subarray(y * to.width, (y + 1) * to.width)
    largestOf(row, candidates.length, winners)
    for (const k of winners) won[k]!++
    await breathe()
  }
  const fused = new Set(labelIdsToFuse)
  const { ids, segments_info } = numbered(candidates, fused, (k) => {
    const [mine, all] = [won[k]!, claimed[k]!]
    return mine > 0 && all > 0 && mine / all > overlapMaskAreaThreshold
  })
  for (let y = 0; y < to.height; y++) {
    for (let i = y * to.width; i < (y + 1) * to.width; i++) data[i] = ids[data[i]!]!
    await breathe()
  }
  return { segmentation, segments_info }
}

/** The segments that are left, numbered as Python does it: after one that joins another, counting goes on from that one. */
function numbered(
  candidates: readonly Candidate[],
  fused: ReadonlySet<number>,
  isLeft: (k: number) => boolean,
) {
  const ids = new Int32Array(candidates.length)
  const segments_info: Segmentation['segments_info'] = []
  const known = new Map<number, number>()
  let id = 0
  for (const [k, { label, score }] of candidates.entries()) {
    if (!isLeft(k)) continue
    id = known.get(label) ?? id + 1
    ids[k] = id
    const was_fused = fused.has(label)
    segments_info.push({ id, label_id: label, was_fused, score: Math.round(score * 1e6) / 1e6 })
    if (was_fused) known.set(label, id)
  }
  return { ids, segments_info }
}
