/** @file What an image file's first bytes tell before anything is decoded. */
import { isUpright } from './exif'
import { isSrgb } from './icc'

export interface ImageHeader {
  readonly format: 'png' | 'jpeg' | 'gif' | 'webp' | 'bmp' | 'avif' | 'heif'
  readonly width: number
  readonly height: number
  /** Whether pixels may be see-through. */
  readonly alpha: boolean
  /** Whether it may say that its colours mean others than the web's. */
  readonly profile: boolean
  /** Whether it surely lies as it is shown. */
  readonly upright: boolean
}

/** How much of a file is read for its header; a JPEG's size may come after a large preview. */
export const HEADER_BYTES = 2 ** 18

/** The header, or nothing where the kind is not known, or the bytes end before it does. */
export function readHeader(bytes: Uint8Array): ImageHeader | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  try {
    for (const read of [png, jpeg, gif, webp, bmp, avif]) {
      const header = read(view)
      if (header) return header
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error // the bytes end early: a decoder will say so
  }
  return undefined
}

const text = (view: DataView, at: number, length: number) =>
  String.fromCharCode(...new Uint8Array(view.buffer, view.byteOffset + at, length))

function png(view: DataView): ImageHeader | undefined {
  if (view.getUint32(0) !== 0x89504e47) return undefined
  const kind = view.getUint8(25)
  const chunks: string[] = []
  for (let at = 8; at + 8 <= view.byteLength; at += 12 + view.getUint32(at))
    chunks.push(text(view, at + 4, 4))
  const has = (...names: string[]) => names.some((name) => chunks.includes(name))
  return {
    format: 'png',
    width: view.getUint32(16),
    height: view.getUint32(20),
    alpha: kind === 4 || kind === 6 || has('tRNS'),
    profile: has('iCCP', 'gAMA', 'cHRM', 'cICP'),
    upright: !has('eXIf'),
  }
}

function jpeg(view: DataView): ImageHeader | undefined {
  if (view.getUint16(0) !== 0xffd8) return undefined
  let [profile, upright] = [false, true]
  let at = 2
  while (view.getUint8(at) === 0xff) {
    const marker = view.getUint8(at + 1)
    // A frame's header: C0 to CF, but not the tables C4, C8 and CC.
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      const [height, width] = [view.getUint16(at + 5), view.getUint16(at + 7)]
      return { format: 'jpeg', width, height, alpha: false, profile, upright }
    }
    if (marker === 0xe1 && text(view, at + 4, 4) === 'Exif') upright = isUpright(view, at + 10)
    if (marker === 0xe2 && text(view, at + 4, 11) === 'ICC_PROFILE') {
      const end = at + 2 + view.getUint16(at + 2) // of several parts none is a profile
      profile = !isSrgb(new Uint8Array(view.buffer, view.byteOffset).subarray(at + 18, end))
    }
    const bare = (marker >= 0xd0 && marker <= 0xd8) || marker === 0x01
    at += marker === 0xff ? 1 : bare ? 2 : 2 + view.getUint16(at + 2)
  }
  return undefined
}

function gif(view: DataView): ImageHeader | undefined {
  if (text(view, 0, 3) !== 'GIF') return undefined
  const [width, height] = [view.getUint16(6, true), view.getUint16(8, true)]
  return { format: 'gif', width, height, alpha: true, profile: false, upright: true }
}

function webp(view: DataView): ImageHeader | undefined {
  if (text(view, 0, 4) !== 'RIFF' || text(view, 8, 4) !== 'WEBP') return undefined
  const plain = { format: 'webp', alpha: false, profile: false, upright: true } as const
  const three = (at: number) => view.getUint16(at, true) + view.getUint8(at + 2) * 2 ** 16
  switch (text(view, 12, 4)) {
    case 'VP8X': {
      const has = (flag: number) => (view.getUint8(20) & flag) !== 0
      const size = { width: three(24) + 1, height: three(27) + 1 }
      return { ...plain, ...size, alpha: has(0x10), profile: has(0x20), upright: !has(0x08) }
    }
    case 'VP8L': {
      const bits = view.getUint32(21, true)
      const size = { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 }
      return { ...plain, ...size, alpha: ((bits >>> 28) & 1) === 1 }
    }
    default:
      return { ...plain, width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff }
  }
}

function bmp(view: DataView): ImageHeader | undefined {
  if (text(view, 0, 2) !== 'BM') return undefined
  const [width, height] = [view.getInt32(18, true), Math.abs(view.getInt32(22, true))]
  const alpha = view.getUint16(28, true) === 32
  return { format: 'bmp', width, height, alpha, profile: true, upright: true }
}

/** The largest of its `ispe` boxes: others belong to tiles, previews and alpha planes. */
function avif(view: DataView): ImageHeader | undefined {
  if (text(view, 4, 4) !== 'ftyp' || !/^(avi[fs]|mif1|msf1|hei[cx]|hevc)/.test(text(view, 8, 4)))
    return undefined
  let [width, height] = [0, 0]
  for (let at = 8; at + 16 <= Math.min(view.byteLength, 2 ** 14); at++) {
    if (view.getUint32(at) !== 0x69737065) continue
    const [wide, high] = [view.getUint32(at + 8), view.getUint32(at + 12)]
    if (wide * high > width * height) [width, height] = [wide, high]
  }
  const format = text(view, 8, 3) === 'avi' ? 'avif' : 'heif'
  return { format, width, height, alpha: true, profile: true, upright: false }
}
