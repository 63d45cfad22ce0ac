/** @file The variables of a `model.bin` as CTranslate2 writes it. */

/** As the format numbers them; others are not read here. */
const FLOAT16 = 4

/** @returns {{ name: string, shape: number[], data: Buffer }[]} those in half precision */
export function readVariables(file) {
  let at = 0
  const take = (size) => {
    at += size
    return at - size
  }
  const u8 = () => file.readUInt8(take(1))
  const u16 = () => file.readUInt16LE(take(2))
  const u32 = () => file.readUInt32LE(take(4))
  const text = () => {
    const length = u16()
    const from = take(length)
    return file.toString('latin1', from, at - 1) // it ends with a zero
  }
  const version = u32()
  if (version !== 6) throw new Error(`model.bin is of version ${version}, expected 6.`)
  text()
  u32()
  const count = u32()
  const variables = []
  for (let i = 0; i < count; i++) {
    const name = text()
    const rank = u8()
    const shape = Array.from({ length: rank }, u32)
    const type = u8()
    const length = u32()
    const from = take(length)
    if (type === FLOAT16) variables.push({ name, shape, data: file.subarray(from, at) })
  }
  return variables
}
