import { expect, test } from 'vitest'
import { assemble } from '../../build/assemble.mjs'
import { WASM } from './passes-binary'

test('what is started is what passes.wat says', async () => {
  expect(WASM).toBe(await assemble())
})
