import { crc32 } from 'node:zlib'
import { expect, test } from 'vitest'
import { zipFiles } from './zip'

const files: Record<string, Blob> = {
  'config.json': new Blob(['{}\n']),
  'templates/ünïcödé 🤗.jinja': new Blob(['{{ x }}']),
  empty: new Blob([]),
  'model.safetensors': new Blob([crypto.getRandomValues(new Uint8Array(60_000)), new Uint8Array(100_000)]),
}

/** The entries of an archive as its central directory tells them. */
function* central(zip: Buffer) {
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'))
  const count = zip.readUInt16LE(end + 10)
  let at = zip.readUInt32LE(end + 16)
  for (let i = 0; i < count; i++) {
    expect(zip.toString('latin1', at, at + 4)).toBe('PK\x01\x02')
    const [nameLength, extra, comment] = [28, 30, 32].map((field) => zip.readUInt16LE(at + field))
    const local = zip.readUInt32LE(at + 42)
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28)
    const size = zip.readUInt32LE(at + 24)
    yield {
      name: zip.toString('utf8', at + 46, at + 46 + nameLength!),
      utf8: (zip.readUInt16LE(at + 8) & 0x800) !== 0,
      method: zip.readUInt16LE(at + 10),
      crc: zip.readUInt32LE(at + 16),
      content: zip.subarray(start, start + size),
    }
    at += 46 + nameLength! + extra! + comment!
  }
}

test('every file is stored as it is, under its name, with its CRC-32', async () => {
  const seen: string[] = []
  const onProgress = ({ file, loaded, total }: { file: string; loaded: number; total?: number }) =>
    loaded === total && seen.push(file)
  const zip = Buffer.from(await (await zipFiles(files, { onProgress })).arrayBuffer())
  const found = [...central(zip)]
  expect(found.map(({ name }) => name)).toEqual(Object.keys(files))
  for (const { name, utf8, method, crc, content } of found) {
    const original = Buffer.from(await files[name]!.arrayBuffer())
    expect(content.equals(original), name).toBe(true)
    expect({ utf8, method, crc }).toEqual({ utf8: true, method: 0, crc: crc32(original) })
  }
  expect(seen.toSorted()).toEqual(Object.keys(files).toSorted())
})

test('a path that leads out of the archive is refused', async () => {
  await expect(zipFiles({ '../x': new Blob(['x']) })).rejects.toThrow('no path inside')
})
