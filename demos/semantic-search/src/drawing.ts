/** @file Attention as lines from token to token. */
import { colourOf, strength } from '../../shared/heat'

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
