/** @file ICC profiles, as far as they say that colours are the web's own: those stay as they are wherever they are decoded. */

/** Where sRGB's primaries lie, as profiles have them: adapted to their white. */
const PRIMARIES = {
  rXYZ: [0.43607, 0.22249, 0.01392],
  gXYZ: [0.38515, 0.71687, 0.09708],
  bXYZ: [0.14307, 0.06061, 0.7141],
}
/** sRGB's curve: its exponent, the scale and offset before it, the slope of its straight part, and where that ends. */
const CURVE = [2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045]
const CURVES = ['rTRC', 'gTRC', 'bTRC']
/** The formulas that take them; the latter has two more numbers to add to the result. */
const FORMULAS: Readonly<Record<number, readonly number[]>> = { 3: CURVE, 4: [...CURVE, 0, 0] }
/** The types of such values: `XYZ ` and `para`. */
const [XYZ, PARAMETRIC] = [0x58595a20, 0x70617261]

/** Whether a profile is sRGB's, written as its formula; one that is written as a table counts as another. */
export function isSrgb(profile: Uint8Array): boolean {
  try {
    return matches(new DataView(profile.buffer, profile.byteOffset, profile.byteLength))
  } catch (error) {
    if (error instanceof RangeError) return false // its bytes end early
    throw error
  }
}

function matches(view: DataView): boolean {
  const tags = new Map<number, number>()
  for (let i = 0, at = 132; i < view.getUint32(128); i++, at += 12)
    tags.set(view.getUint32(at), view.getUint32(at + 4))
  /** Where a tag's value begins, if it is of a type. */
  const find = (name: string, type: number) => {
    const at = tags.get([...name].reduce((code, char) => code * 256 + char.charCodeAt(0), 0))
    return at !== undefined && view.getUint32(at) === type ? at : undefined
  }
  const has = (at: number, expected: readonly number[]) =>
    expected.every((value, i) => Math.abs(view.getInt32(at + i * 4) / 2 ** 16 - value) < 1e-4)
  const hasPrimary = ([name, expected]: [string, readonly number[]]) => {
    const at = find(name, XYZ)
    return at !== undefined && has(at + 8, expected)
  }
  const hasCurve = (name: string) => {
    const at = find(name, PARAMETRIC)
    const expected = at !== undefined && FORMULAS[view.getUint16(at + 8)]
    return expected && has(at + 12, expected)
  }
  return Object.entries(PRIMARIES).every(hasPrimary) && CURVES.every(hasCurve)
}
