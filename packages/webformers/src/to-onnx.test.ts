import { mkdirSync, writeFileSync } from 'node:fs'
import { outputNames } from '@webformers/models'
import { expect, test } from 'vitest'
import truth from '../fixtures/onnx.json'
import { openModel, sha256 } from './testing/fixture-models'
import { toOnnx } from './to-onnx'

/** Where reference/onnx_runs.py wants the files; it records the digests of those that Python's onnxruntime ran. */
const folder = process.env.WRITE_ONNX

test.each(truth)(
  '$model in $dtype is the ONNX file that Python has run',
  async ({ model, dtype, sha256: digest }) => {
    const opened = await openModel(model)
    const { configured, head } = opened
    const outputs = outputNames(configured.architecture, head, configured.config)
    const file = await toOnnx({ ...opened, outputs }, { dtype: dtype as 'fp32' | 'fp16' })
    if (folder) {
      mkdirSync(folder, { recursive: true })
      writeFileSync(
        `${folder}/${model.replace('/', '+')}+${dtype}.onnx`,
        new Uint8Array(await file.arrayBuffer()),
      )
    } else expect(await sha256(file), 'another file: let reference/onnx_runs.py run it').toBe(digest)
  },
)

test('what protobuf can not hold is refused, and the way out told', async () => {
  const opened = await openModel('bert/base')
  const huge = Object.defineProperty(new Blob(), 'size', { value: 2 ** 31 })
  const client = {
    save: async () =>
      (await opened.client.save(opened.files, opened.policy, {})).map((tensor, i) =>
        i === 0 ? { ...tensor, bytes: huge } : tensor,
      ),
  } as unknown as typeof opened.client
  const writing = toOnnx({ ...opened, client, outputs: ['last_hidden_state'] })
  await expect(writing).rejects.toThrow("dtype: 'fp16'")
})

test('a type that weights can not be kept in is refused', async () => {
  const opened = await openModel('bert/base')
  const writing = toOnnx({ ...opened, outputs: ['last_hidden_state'] }, { dtype: 'int8' as 'fp16' })
  await expect(writing).rejects.toThrow("expected 'fp32' or 'fp16'")
})
