/** @file CLAP's fusion: all of a long spectrogram, shrunk, and three parts of it. */

/** Four spectrograms of so many frames: the shrunk one, then one part of each third of the places where a part can begin. */
export function fuse(mel: Float32Array, size: number, frames: number, random: () => number): Float32Array {
  const total = mel.length / size
  const fused = new Float32Array(4 * frames * size)
  fused.set(shrunk(mel, size, total, frames))
  for (const [i, [from, count]] of thirds(total - frames + 1).entries()) {
    const start = count === 0 ? 0 : from + Math.floor(random() * count)
    fused.set(mel.subarray(start * size, (start + frames) * size), (i + 1) * frames * size)
  }
  return fused
}

/** Where thirds of so many places begin, and how many each has; the first ones take what is over. Like `np.array_split`. */
function thirds(places: number): [from: number, count: number][] {
  const [least, over] = [Math.floor(places / 3), places % 3]
  let from = 0
  return [0, 1, 2].map((i) => {
    const count = least + (i < over ? 1 : 0)
    from += count
    return [from - count, count]
  })
}

/** Fewer frames, each between two neighbours. Like `interpolate(mode="bilinear", align_corners=False)` of PyTorch. */
function shrunk(mel: Float32Array, size: number, total: number, frames: number): Float32Array {
  const small = new Float32Array(frames * size)
  // In single precision, as there: between frames of noise the last bits of a place are heard.
  const { fround } = Math
  const scale = fround(total / frames)
  for (let frame = 0; frame < frames; frame++) {
    const place = Math.max(0, fround(fround(scale * fround(frame + 0.5)) - 0.5))
    const before = Math.floor(place)
    const after = Math.min(before + 1, total - 1)
    const part = place - before
    for (let i = 0; i < size; i++)
      small[frame * size + i] = mel[before * size + i]! * (1 - part) + mel[after * size + i]! * part
  }
  return small
}
