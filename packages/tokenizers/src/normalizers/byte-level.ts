/** @file ByteLevel: every byte of a text's UTF-8 as one visible character. */
import { type AlignedString, Transformation } from '../text/aligned-string'
import { encodeBytes } from '../text/bytes'
import { unitsAt } from '../text/characters'

export function byteLevel(string: AlignedString): AlignedString {
  const { text } = string
  const result = new Transformation(string)
  for (let i = 0; i < text.length; ) {
    const units = unitsAt(text, i)
    let change = 0
    for (const byte of encodeBytes(text.slice(i, i + units))) {
      result.push(byte, change)
      change = 1
    }
    i += units
  }
  return result.done()
}
