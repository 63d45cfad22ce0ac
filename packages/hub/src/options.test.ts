import { afterEach, expect, test } from 'vitest'
import { configure, settle } from './options'

afterEach(() => configure({ endpoint: undefined, token: undefined }))

test('what a call says wins over what was configured, which wins over the defaults', () => {
  expect(settle({})).toMatchObject({ endpoint: 'https://huggingface.co', revision: 'main', cache: true })
  configure({ endpoint: 'https://mirror.example/hub/', token: 'hf_configured' })
  configure({ token: 'hf_later' })
  expect(settle({})).toMatchObject({ endpoint: 'https://mirror.example/hub', token: 'hf_later' })
  expect(settle({ endpoint: undefined, token: 'hf_given' })).toMatchObject({
    endpoint: 'https://mirror.example/hub',
    token: 'hf_given',
  })
})
