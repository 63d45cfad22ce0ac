import { expect, test } from 'vitest'
import { FrozenModelError } from '../errors'
import { refusals } from './refusals'

const methods = refusals('org/name')

test.each([
  [
    () => methods.toFiles(),
    "no parameters to save under their names. Copy the repository's files, or load the",
  ],
  [() => methods.gradients({}), "no modules to look into and can't be trained. Load the model"],
  [() => methods.pruneHeads({ 0: [1] }), 'no parameters to read or to change. Load the model'],
  [() => methods.loadAdapter('org/adapter'), "can't be adapted. Load the model"],
])('%s ends in a promise that says why', async (call, why) => {
  const refused = call()
  await expect(refused).rejects.toThrow(FrozenModelError)
  await expect(refused).rejects.toThrow(
    `The model of org/name was loaded from a graph that somebody exported: it ${why.startsWith('no') ? 'has ' : ''}${why}`,
  )
})

test.each([
  () => methods.capture(['encoder']),
  () => methods.parameters(),
  () => methods.numParameters(),
  () => methods.setAdapter('other'),
])('%s throws at once, as what it gives is no promise', (call) => {
  expect(call).toThrow(FrozenModelError)
})
