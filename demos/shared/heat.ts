/** @file Numbers as a picture of squares. A canvas draws in its own CSS colour, so pictures follow the theme. */

/** Shares of 1 are mostly small ones: this lets them be seen without drowning the large. */
export const strength = (share: number) => share ** 0.7

export const colourOf = (canvas: HTMLCanvasElement) => getComputedStyle(canvas).color

/** A pixel for each share, row by row; CSS makes the pixels large. */
export function drawHeat(canvas: HTMLCanvasElement, shares: ArrayLike<number>, columns: number): void {
  const rows = shares.length / columns
  canvas.width = columns
  canvas.height = rows
  const context = canvas.getContext('2d')!
  const image = context.createImageData(columns, rows)
  for (let i = 0; i < shares.length; i++) image.data[4 * i + 3] = 255 * strength(shares[i]!)
  context.putImageData(image, 0, 0)
  context.globalCompositeOperation = 'source-in' // the picture is all opacity so far: fill it with colour
  context.fillStyle = colourOf(canvas)
  context.fillRect(0, 0, columns, rows)
}
