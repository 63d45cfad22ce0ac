/** @file A page that labels a photograph with a model, and with the runtime that the model was made for. */
import { configure, pipeline } from '/webformers/webformers.js'

/** The photograph in the size that the model reads, so that neither side resizes it. */
async function drawn(address) {
  const bitmap = await createImageBitmap(await (await fetch(address)).blob())
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = 224
  canvas.getContext('2d').drawImage(bitmap, 0, 0, 224, 224)
  return canvas
}

globalThis.label = async ({ hub, repository, device, photograph }) => {
  configure({ endpoint: hub })
  const canvas = await drawn(photograph)
  await using classify = await pipeline('image-classification', repository, { device })
  const ours = await classify(canvas, { topK: 5 })
  const model = await globalThis.nsfwjs.load('MobileNetV2Mid')
  const theirs = await model.classify(canvas, 5)
  return {
    ours: Object.fromEntries(ours.map(({ label, score }) => [label, score])),
    theirs: Object.fromEntries(theirs.map(({ className, probability }) => [className, probability])),
  }
}
globalThis.ready = true
