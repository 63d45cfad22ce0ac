/** @file Depth maps at the size of their images. */
import { breather } from '@webformers/hub'
import { bicubic } from './interpolate'
import { checkTargets } from './object-detection'
import type { Depth, DepthOutputs, TargetOptions } from './outputs'

export async function depthEstimation(
  { predicted_depth: { data, shape } }: DepthOutputs,
  { targetSizes, signal }: TargetOptions,
): Promise<Depth[]> {
  const [images = 0, height = 0, width = 0] = shape
  checkTargets(images, targetSizes)
  const depths: Depth[] = []
  for (let image = 0; image < images; image++) {
    const plane = data.subarray(image * height * width, (image + 1) * height * width)
    const target = targetSizes?.[image]
    if (!target) {
      depths.push({ predicted_depth: { dtype: 'float32', shape: [height, width], data: plane.slice() } })
      continue
    }
    const breathe = breather(signal)
    const steps = bicubic(plane, { height, width }, { height: target[0], width: target[1] })
    let step = steps.next()
    for (; !step.done; step = steps.next()) await breathe()
    depths.push({ predicted_depth: { dtype: 'float32', shape: [...target], data: step.value } })
  }
  return depths
}
