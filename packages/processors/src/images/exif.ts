/** @file EXIF, as far as it says which way up a photograph is. */

const ORIENTATION = 0x0112

/** Whether the TIFF structure at `start` names no other orientation than the usual one.
 * @throws {RangeError} when the bytes end early. */
export function isUpright(view: DataView, start: number): boolean {
  const little = view.getUint16(start) === 0x4949
  const directory = start + view.getUint32(start + 4, little)
  const entries = view.getUint16(directory, little)
  for (let i = 0; i < entries; i++) {
    const entry = directory + 2 + i * 12
    if (view.getUint16(entry, little) === ORIENTATION) return view.getUint16(entry + 8, little) <= 1
  }
  return true
}
