/** @file Attention as pictures. A canvas draws in its own CSS colour, so pictures follow the theme. */

/** Weights are shares of 1, mostly small ones: this lets them be seen without drowning the large. */
const strength = (weight: number) => weight ** 0.7

const colourOf = (canvas: HTMLCanvasElement) => getComputedStyle(canvas).color

/** A pixel for each pair of tokens; CSS makes the pixels large. */
export function drawHeat(canvas: HTMLCanvasElement, weights: Float32Array, size: number): void {
  canvas.width = size
  canvas.height = size
  const context = canvas.getContext('2d')!
  const image = context.createImageData(size, size)
  for (let i = 0; i < weights.length; i++) image.data[4 * i + 3] = 255 * strength(weights[i]!)
  context.putImageData(image, 0, 0)
  context.globalCompositeOperation = 'source-in' // the picture is all opacity so far: fill it with colour
  context.fillStyle = colourOf(canvas)
  context.fillRect(0, 0, size, size)
}

/** A curve from each token on the left to each it looks at on the right. @param from only this token's curves */
export function drawLines(
  canvas: HTMLCanvasElement,
  weights: Float32Array,
  size: number,
  from: number | undefined,
): void {
  const { clientWidth: width, clientHeight: height } = canvas
  const scale = devicePixelRatio
  canvas.width = width * scale
  canvas.height = height * scale
  const context = canvas.getContext('2d')!
  context.scale(scale, scale)
  context.strokeStyle = colourOf(canvas)
  const row = height / size
  for (let left = 0; left < size; left++) {
    const chosen = from === undefined || from === left
    for (let right = 0; right < size; right++) {
      const weight = weights[left * size + right]!
      if (weight < 0.02) continue
      const [y0, y1] = [(left + 0.5) * row, (right + 0.5) * row]
      context.globalAlpha = strength(weight) * (chosen ? 0.9 : 0.08)
      context.lineWidth = from === left ? 1 + 4 * weight : 0.75 + 1.5 * weight
      context.beginPath()
      context.moveTo(0, y0)
      context.bezierCurveTo(width / 2, y0, width / 2, y1, width, y1)
      context.stroke()
    }
  }
}
