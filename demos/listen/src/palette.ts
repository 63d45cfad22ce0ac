/** @file Colours for what is quiet to what is loud, which follow the theme. */

/** 256 colours as a canvas's bytes have them: from its background over its colour to that of its caret. */
export function palette(canvas: HTMLCanvasElement): Uint32Array {
  const { backgroundColor, color, caretColor } = getComputedStyle(canvas)
  const strip = Object.assign(document.createElement('canvas'), { width: 256, height: 1 })
  const context = strip.getContext('2d', { willReadFrequently: true })!
  const gradient = context.createLinearGradient(0, 0, 256, 0)
  for (const [place, stop] of [backgroundColor, color, caretColor].entries())
    gradient.addColorStop(place / 2, stop)
  context.fillStyle = gradient
  context.fillRect(0, 0, 256, 1)
  return new Uint32Array(context.getImageData(0, 0, 256, 1).data.buffer)
}
