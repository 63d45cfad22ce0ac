/** @file The beginning of an HDF5 file: how wide its addresses are, where it ends, and where its root group lies. */
import { TruncatedFileError } from '../../errors'
import type { Fields, Pages } from './fields'

const SIGNATURE = '\x89HDF\r\n\x1a\n'

/** Where the header of the root group lies. */
export async function openSuperblock(pages: Pages): Promise<number> {
  const fields = await pages.upTo(0, 96, 'the superblock')
  fields.expect(SIGNATURE)
  const version = fields.u8()
  fields.version(version, 0, 1, 2, 3)
  return version < 2 ? openEarly(fields, version) : openLate(fields)
}

function openEarly(fields: Fields, version: number): number {
  fields.skip(4) // editions of other structures
  readSizes(fields)
  fields.skip(1)
  fields.skip(8) // how full B-trees are, and flags
  if (version === 1) fields.skip(4)
  readEnds(fields)
  fields.address() // a driver's settings
  fields.uint(fields.pages.addressSize) // the root's name
  return fields.place()
}

function openLate(fields: Fields): number {
  readSizes(fields)
  fields.skip(1)
  readEnds(fields)
  return fields.place()
}

function readSizes(fields: Fields): void {
  const sizes = [fields.u8(), fields.u8()] as const
  if (sizes.some((size) => ![2, 4, 8].includes(size)))
    throw fields.pages.corrupt(
      `its addresses and lengths take ${sizes.join(' and ')} bytes, expected 2, 4 or 8`,
    )
  ;[fields.pages.addressSize, fields.pages.lengthSize] = sizes
}

function readEnds(fields: Fields): void {
  const { pages } = fields
  const base = fields.place()
  if (base !== 0) throw pages.unsupported(`begins at byte ${base}, after a block of its user`)
  fields.address() // gaps, or an extension
  const end = fields.place()
  if (end > pages.blob.size)
    throw new TruncatedFileError(
      `"${pages.file}" has ${pages.blob.size} bytes, but its superblock tells of ${end}. Download it again.`,
    )
}
