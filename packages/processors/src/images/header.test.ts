import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { file, recorded } from '../testing/images'
import { readHeader } from './header'

const decoded = recorded<Record<string, { width: number; height: number }>>('decoded.json')
const names = readdirSync(new URL('../../fixtures/images/files', import.meta.url))
const bytesOf = async (name: string) => new Uint8Array(await file(`files/${name}`).arrayBuffer())

describe('what a file says of itself', () => {
  test.each(names)('%s', async (name) => {
    const header = readHeader(await bytesOf(name))!
    const { width, height } = decoded[name]!
    const lying = /turned-[5678]/.test(name) // on its side
    expect([header.width, header.height]).toEqual(lying ? [height, width] : [width, height])
    expect(header.format.slice(0, 2)).toBe(name.split('.')[1]!.slice(0, 2))
    expect(header.upright).toBe(!name.startsWith('turned'))
    expect(header.alpha).toBe(/see-through|hidden|gif/.test(name))
  })

  test('a file that ends early, or is none', async () => {
    expect(readHeader((await bytesOf('colour.png')).subarray(0, 20))).toBeUndefined()
    expect(readHeader((await bytesOf('colour.jpg')).subarray(0, 100))).toBeUndefined()
    expect(readHeader(new Uint8Array())).toBeUndefined()
    expect(readHeader(new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg"/>'))).toBeUndefined()
  })

  test('a JPEG with a profile of colours', async () => {
    const bytes = await bytesOf('colour.jpg')
    const profile = new TextEncoder().encode('\0\x12ICC_PROFILE\0\x01\x01ab')
    const marked = new Uint8Array([
      ...bytes.subarray(0, 2),
      0xff,
      0xe2,
      ...profile.subarray(0, 18),
      ...bytes.subarray(2),
    ])
    expect(readHeader(bytes)?.profile).toBe(false)
    expect(readHeader(marked)).toEqual({ ...readHeader(bytes), profile: true })
  })
})
