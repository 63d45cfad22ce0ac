/** @file The colours of see-through pixels, which a 2-D canvas forgets: it multiplies them with their alpha. */
import { type PixelReader, rowsAtOnce } from './pixels'

/** A bitmap's rows by way of WebGL, which hands bytes through as they are; nothing where there is no WebGL or no room. */
export function readSeeThrough(bitmap: ImageBitmap): PixelReader | undefined {
  const { width, height } = bitmap
  const gl = new OffscreenCanvas(1, 1).getContext('webgl2')
  if (!gl || Math.max(width, height) > gl.getParameter(gl.MAX_TEXTURE_SIZE)) return undefined
  gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false)
  gl.pixelStorei(gl.UNPACK_COLORSPACE_CONVERSION_WEBGL, gl.NONE)
  gl.bindTexture(gl.TEXTURE_2D, gl.createTexture())
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, gl.RGBA, gl.UNSIGNED_BYTE, bitmap)
  gl.bindFramebuffer(gl.FRAMEBUFFER, gl.createFramebuffer())
  gl.framebufferTexture2D(
    gl.FRAMEBUFFER,
    gl.COLOR_ATTACHMENT0,
    gl.TEXTURE_2D,
    gl.getParameter(gl.TEXTURE_BINDING_2D),
    0,
  )
  if (gl.getError() !== gl.NO_ERROR) return undefined
  let strip = new Uint8Array(width * 4 * Math.min(height, rowsAtOnce(width)))
  const read = (top: number, rows: number) => {
    if (strip.length < width * rows * 4) strip = new Uint8Array(width * rows * 4)
    gl.readPixels(0, top, width, rows, gl.RGBA, gl.UNSIGNED_BYTE, strip)
    return strip
  }
  return { width, height, read }
}
