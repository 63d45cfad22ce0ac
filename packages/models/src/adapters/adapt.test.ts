import { readFileSync } from 'node:fs'
import { finish } from '@webformers/graph'
import { expect, test } from 'vitest'
import { findArchitecture } from '../index'
import { traceGradients } from '../training'
import { withAdapters } from './adapt'
import { adaptableModules } from './linear-modules'

const json = JSON.parse(
  readFileSync(new URL('../bert/fixture/sequence-classification/config.json', import.meta.url), 'utf8'),
)
const HEAD = 'ForSequenceClassification'
const QUERY = 'bert.encoder.layer.0.attention.self.query'

test('what flows back through a weight of 8 bits takes it as the forward pass has it, and no frozen weight gets a gradient', async () => {
  const architecture = await findArchitecture('bert')
  const config = architecture.config(json)
  const { linear } = adaptableModules(architecture, HEAD, config)
  expect(linear[0]).toEqual({
    path: QUERY,
    weight: `${QUERY}.weight`,
    inputs: 16,
    outputs: 16,
    transposed: false,
    bias: true,
  })
  const adapt = withAdapters({
    lowRank: [{ name: 'default', targets: { [QUERY]: { rank: 2, scaling: 2 } }, dropout: 0 }],
  })
  const parameters = [`${QUERY}.lora_A.default.weight`, `${QUERY}.lora_B.default.weight`]
  const target = { device: 'wasm', fused: true, compute: 'float32', weights: 'int8' } as const
  const program = finish(traceGradients(architecture, HEAD, config, { loss: {}, adapt, parameters }, target))
  expect(Object.keys(program.outputs)).toEqual(['loss', ...parameters.map((name) => `gradient:${name}`)])
  const stored = program.parameters.map(({ name }) => name).filter((name) => name.includes('.weight'))
  const dense = stored.filter((name) => name.startsWith('bert.encoder.layer.0.output.dense'))
  expect(dense.toSorted()).toEqual([
    'bert.encoder.layer.0.output.dense.weight:quantizeT',
    'bert.encoder.layer.0.output.dense.weight:scales',
  ])
  const whole = stored.filter((name) => !name.includes(':'))
  expect(whole.every((name) => name.includes('LayerNorm'))).toBe(true)
  const operations = new TextDecoder('latin1').decode(program.onnx)
  expect(operations).toContain('DequantizeLinear')
})
