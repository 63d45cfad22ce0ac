/** @file What models that compare images and texts are trained on: that each text goes with the image at its own place. */
import { arange, GraphError, type Tensor } from '@webformers/graph'

/** Whether places along two dimensions are the same, [a, b]. */
const same = (a: string, b: string): Tensor => arange(a).unsqueeze(1).equal(arange(b).unsqueeze(0))

function namesOf({ shape }: Tensor): [texts: string, images: string] {
  const [texts, images] = shape
  if (typeof texts === 'string' && typeof images === 'string') return [texts, images]
  throw new GraphError(`A contrastive loss needs logits [texts, images] of named size, got [${shape}].`)
}

/** The mean over texts of the cross-entropy of their images, and over images of that of their texts, halved: CLIP's.
 * @param logits [texts, images], as many of the one as of the other */
export function contrastiveLoss(logits: Tensor): Tensor {
  return matchLoss(logits, 1).add(matchLoss(logits, 0)).div(2)
}

/** The same over texts only, by the scales of both: CLAP's.
 * @param perAudio [sounds, texts] */
export const captionLoss = (perText: Tensor, perAudio: Tensor): Tensor =>
  matchLoss(perText, 1).add(matchLoss(perAudio.T, 1)).div(2)

/** The mean of the cross-entropy along an axis. */
function matchLoss(logits: Tensor, axis: number): Tensor {
  const matches = same(...namesOf(logits)).cast(logits.dtype)
  const shifted = logits.sub(logits.max([axis], { keepdims: true }))
  const total = shifted.exp().sum([axis])
  const right = shifted.mul(matches).sum([axis])
  return total.log().sub(right).mean([0])
}

/** Each pair is a question by itself, whether the text goes with the image: SigLIP's. Summed over images, averaged over texts. */
export function sigmoidLoss(logits: Tensor): Tensor {
  const signs = same(...namesOf(logits))
    .cast(logits.dtype)
    .mul(2)
    .sub(1)
  const wrong = logits.mul(signs).neg() // −log σ(−x) = log(1 + exp x)
  const positive = wrong.relu()
  const size = wrong.sub(positive.mul(2)) // −|x|, whose exponential can't overflow
  return positive.add(size.exp().add(1).log()).sum([1]).mean([0])
}
