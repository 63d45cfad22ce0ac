import { expect, test } from 'vitest'
import truth from '../fixtures/saved.json'
import { configFile } from './config-file'
import { type ModelFilesOptions, modelFiles } from './save'
import { fixture, openModel, sha256 } from './testing/fixture-models'

interface Case {
  model: string
  options: ModelFilesOptions
  files: Record<string, string>
}

test.each(truth as unknown as Case[])(
  '$model saved with $options is what Python saves and loads',
  async ({ model, options, files }) => {
    const saved = await modelFiles(await openModel(model), options)
    const digests: Record<string, string> = {}
    for (const [file, blob] of Object.entries(saved)) digests[file] = await sha256(blob)
    expect(digests).toEqual(files)
  },
)

test('every configuration comes out as the file it was read from', async () => {
  const models = new Set(truth.map(({ model }) => model))
  expect(models.size).toBeGreaterThan(100)
  for (const model of models) {
    const text = await fixture(model, 'config.json').text()
    const { configured } = await openModel(model)
    expect(JSON.parse(await configFile(configured, {}, text).text()), model).toEqual(JSON.parse(text))
  }
})
