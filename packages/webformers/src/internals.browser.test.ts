import { modulePaths } from '@webformers/graph'
import { findArchitecture } from '@webformers/models'
import { describe, expect, test } from 'vitest'
import truth from '../fixtures/inner-values.json'
import type { PreTrainedModel } from './model'
import { type Tensor, tensor } from './tensor'
import { type Digest, difference, headOf, openRecorded, readRecorded } from './testing/recorded-models'

const TOLERANCE = 1e-4

type Values = Record<string, Digest[]>
type Outputs = Record<string, Digest>
const values = truth.values as unknown as Record<string, Values>
const patches = truth.patches as unknown as Record<
  string,
  Record<string, Record<'tensor' | 'function', Outputs>>
>
const masks = truth.masks as unknown as Record<string, Outputs>

/** Every module of a model that Python calls, too. */
async function pathsOf(repository: string, { config }: PreTrainedModel): Promise<string[]> {
  const { heads } = await findArchitecture(config.model_type)
  const head = await headOf(repository)
  const tree = heads[head]!(config as never)
  return [...modulePaths(tree).values()].flat().filter((path) => path in values[repository]!)
}

/** Where Python lays the same numbers out otherwise, their norm is compared: heads before positions, images before patches. */
const LAYOUT = /self_attn[.][qk]_norm$|patch_embeddings[.]projection$/

/** A module's value is the one recorded; tables of positions have no axis for the batch here. */
function apart(path: string, value: Tensor, [shape, wave, norm]: Digest): number {
  if (LAYOUT.test(path) && String(value.shape) !== String(shape))
    return Math.abs(Math.hypot(...Array.from(value.data, Number)) - norm) / norm
  return difference(value, [shape.slice(shape.length - value.shape.length), wave, norm])
}

const callsOf = (value: Tensor | Tensor[]) => [value].flat()

function expectOutputs(outputs: object, expected: Outputs) {
  const tensors = Object.entries(outputs) as [string, Tensor][]
  expect(tensors.length).toBeGreaterThan(0)
  for (const [name, value] of tensors)
    expect(difference(value, expected[name]!), name).toBeLessThan(TOLERANCE)
}

describe.each(['wasm', 'webgpu'] as const)('%s', { timeout: 180_000 }, (device) => {
  const everywhere = [
    'bert/masked-lm',
    'gpt2/causal-lm',
    't5/conditional-generation',
    'llama/causal-lm',
    'albert/groups',
  ]
  const models = device === 'wasm' ? Object.keys(values) : everywhere

  test.each(models.filter((m) => /llama|albert|gpt2\/base|vit|gemma3|distil/.test(m)))(
    '%s: what each module gives is what a forward hook sees',
    async (repository) => {
      await using model = await openRecorded(repository, { device })
      const paths = await pathsOf(repository, model)
      expect(paths.length).toBeGreaterThan(10)
      const { captured } = await model(await readRecorded(repository, 'inputs.safetensors'), {
        capture: paths,
      })
      const wrong = paths.flatMap((path) => {
        const expected = values[repository]![path]!
        const found = callsOf(captured[path]!)
        if (found.length !== expected.length)
          return [[path, `${found.length} calls instead of ${expected.length}`]]
        const errors = found.map((value, i) => apart(path, value, expected[i]!))
        return Math.max(...errors) < TOLERANCE ? [] : [[path, ...errors]]
      })
      expect(wrong).toEqual([])
    },
  )
})
