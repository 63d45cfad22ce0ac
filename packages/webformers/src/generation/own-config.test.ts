import { openRepository } from '@webformers/hub'
import { expect, test } from 'vitest'
import { readConfiguration } from '../configuration'
import { hubOf } from '../testing/hub'
import { fixtures } from '../testing/node'
import { ownConfig } from './own-config'

test('a repository without files of configuration, as one of GGUF files, has what the model was configured with', async () => {
  const writer = await openRepository('tiny/llama-writer', { fetch: hubOf(fixtures), cache: false })
  const configured = await readConfiguration(writer, { config: { eos_token_id: [7, 8] } })
  const bare = await openRepository({ 'model.gguf': new Blob() })
  expect((await ownConfig({ configured }, bare)).eos_token_id).toEqual([7, 8])
  expect((await ownConfig({ configured }, writer)).eos_token_id).toBe(2) // its own file goes before
})
