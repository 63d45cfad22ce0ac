/** @file The rate that a compressed file was recorded at, from its first bytes: decoded at that one, nothing is resampled twice. */

const ascii = (view: DataView, at: number, length: number): string =>
  at + length <= view.byteLength
    ? String.fromCharCode(...new Uint8Array(view.buffer, view.byteOffset + at, length))
    : ''

/** As far as headers are looked for. */
const HEAD = 1 << 16

/** Samples a second, where the kind of file is known. */
export function sampleRateOf(view: DataView): number | undefined {
  const head = new DataView(view.buffer, view.byteOffset, Math.min(view.byteLength, HEAD))
  const start = ascii(head, 0, 4)
  if (start === 'fLaC') return flac(head)
  if (start === 'OggS') return ogg(head)
  if (head.byteLength >= 4 && head.getUint32(0) === 0x1a45dfa3) return webm(head)
  if (ascii(head, 4, 4) === 'ftyp') return mp4(view)
  return mpeg(view)
}

/** The first block describes the stream: 20 bits after 10 bytes. */
const flac = (view: DataView) => (view.byteLength >= 22 ? view.getUint32(18) >>> 12 : undefined)

/** The first packet begins behind the table of segments. */
function ogg(view: DataView): number | undefined {
  if (view.byteLength < 28) return undefined
  const packet = 27 + view.getUint8(26)
  if (ascii(view, packet, 8) === 'OpusHead') return OPUS
  if (ascii(view, packet, 7) === '\x01vorbis') return view.getUint32(packet + 12, true)
  if (ascii(view, packet, 5) === '\x7fFLAC') return view.getUint32(packet + 27) >>> 12
  return undefined
}

/** Opus is decoded at this rate, whatever was recorded. */
const OPUS = 48000

/** The element `SamplingFrequency`, a float of 4 or 8 bytes. */
function webm(view: DataView): number | undefined {
  for (let at = 0; at + 10 < view.byteLength; at++) {
    if (ascii(view, at, 6) === 'A_OPUS') return OPUS
    if (view.getUint8(at) !== 0xb5) continue
    const size = view.getUint8(at + 1)
    const rate = size === 0x84 ? view.getFloat32(at + 2) : size === 0x88 ? view.getFloat64(at + 2) : 0
    if (plausible(rate)) return rate
  }
  return undefined
}

/** The sample description `mp4a` holds the rate as a fixed-point number; the boxes may lie behind the sound. */
function mp4(view: DataView): number | undefined {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
  for (let at = bytes.indexOf(0x6d); at >= 0; at = bytes.indexOf(0x6d, at + 1)) {
    if (ascii(view, at, 4) !== 'mp4a' || at + 32 > view.byteLength) continue
    const rate = view.getUint16(at + 28)
    if (plausible(rate)) return rate
  }
  return undefined
}

const plausible = (rate: number) => Number.isInteger(rate) && rate >= 8000 && rate <= 192000

/** Of MPEG-1; half of it in MPEG-2, a quarter in MPEG-2.5. */
const RATES = [44100, 48000, 32000]
/** ADTS counts all of them, from the highest. */
const AAC = [96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350]

/** The first frame's header, behind the tags. */
function mpeg(view: DataView): number | undefined {
  let at = 0
  if (ascii(view, 0, 3) === 'ID3' && view.byteLength >= 10) {
    const size = [6, 7, 8, 9].reduce((sum, i) => (sum << 7) | (view.getUint8(i) & 127), 0)
    at = 10 + size
  }
  const end = Math.min(view.byteLength - 4, at + HEAD)
  for (; at < end; at++) {
    const header = view.getUint32(at)
    if (header >>> 21 !== 0x7ff) continue
    const [version, layer] = [(header >>> 19) & 3, (header >>> 17) & 3]
    if (layer === 0 && version >= 2) return AAC[(header >>> 10) & 15]
    const rate = RATES[(header >>> 10) & 3]
    if (layer === 0 || version === 1 || rate === undefined || ((header >>> 12) & 15) === 15) continue
    return rate / (version === 3 ? 1 : version === 2 ? 2 : 4)
  }
  return undefined
}
