/** @file What the Trainer of Python makes of every architecture: what decays, and what its loss divides by. */
import { readFile } from 'node:fs/promises'
import { describeTraining, findArchitecture, type Head, lossCount } from '@webformers/models'
import { expect, test } from 'vitest'
import { recorded } from '../testing/node'
import { decays } from './decay'
import type { LossCount } from './trainable'

interface Recorded {
  class: string
  parameters: number
  without_decay: string[]
  accepts_loss_kwargs?: boolean
  labels?: number
  divided_by?: number
}
const truth: Record<string, Recorded> = await recorded('trainer/architectures')
/** Heads that have a loss. */
const cases = Object.entries(truth).filter(([, { accepts_loss_kwargs }]) => accepts_loss_kwargs !== undefined)

const headOf = (name: string) =>
  name
    .replace('LMHeadModel', 'ForCausalLM')
    .replace('MTModel', 'ForConditionalGeneration')
    .match(/For[A-Z]\w+$/)![0] as Head

async function read(fixture: string) {
  const path = new URL(
    `../../../models/src/${fixture.replace('/', '/fixture/')}/config.json`,
    import.meta.url,
  )
  const json = JSON.parse(await readFile(path, 'utf8'))
  const architecture = await findArchitecture(json.model_type)
  return { architecture, config: architecture.config(json) }
}

function countOf({ accepts_loss_kwargs, labels, divided_by }: Recorded): LossCount {
  if (!accepts_loss_kwargs) return 'mean'
  if (divided_by === 1) return 'ignored'
  return divided_by === labels ? 'labels' : 'shifted'
}

test('there are cases of every architecture', () => {
  expect(new Set(cases.map(([name]) => name.split('/')[0])).size).toBeGreaterThanOrEqual(18)
})

test.each(cases)('%s decays where Python lets it', async (name, expected) => {
  const head = headOf(expected.class)

  const { architecture, config } = await read(name)
  const { parameters } = describeTraining(architecture, head, config, { loss: {} })
  const without = parameters.filter((parameter) => !decays(parameter)).map((parameter) => parameter.name)
  expect(parameters).toHaveLength(expected.parameters)
  expect(without.toSorted()).toEqual(expected.without_decay.toSorted())
})

// Question answering has no input called "labels", and is told nothing.
const told = cases.filter(([, { divided_by, accepts_loss_kwargs }]) => divided_by || !accepts_loss_kwargs)

test.each(told)('%s divides its loss by what Python does', async (name, expected) => {
  const { config } = await read(name)
  expect(lossCount(headOf(expected.class), config)).toBe(countOf(expected))
})
