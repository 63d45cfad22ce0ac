/** @file What is measured inside the page, the same for every side; a side says how to load, to compute forward, and to train. */
import { readCounters } from '/shared/read-counters.js'

/** @type {{ forward(): Promise<unknown>, gradients?(): Promise<number>, update?(): Promise<unknown>, step(): Promise<number> }} */
let model

/** @returns what the side tells of itself */
globalThis.load = async (side, options) => {
  if (!crossOriginIsolated)
    throw new Error('The page is not cross-origin isolated: there would be one thread.')
  const { load } = await import(`./${side}.js`)
  model = await load(options)
  return model.about
}

const timed = async (work) => {
  const start = performance.now()
  const result = await work()
  return { time: performance.now() - start, result }
}

/**
 * Forward passes and training steps in turns, so that both find the same machine; the first of both, which compile and warm up,
 * are not counted.
 * @returns milliseconds of each, and the loss after each step
 */
globalThis.measure = async ({ runs, warmUp }) => {
  const times = { forward: [], step: [], update: [], losses: [] }
  for (let run = -warmUp; run < runs; run++) {
    const { time: forward } = await timed(() => model.forward())
    const { time: step, result: loss } = await timed(() => model.step())
    times.losses.push(loss)
    if (run < 0) continue
    times.forward.push(forward)
    times.step.push(step)
  }
  return times
}

/** Milliseconds of the update alone, where a side can tell it from the gradients. */
globalThis.measureUpdate = async ({ runs }) => {
  if (!model.update) return []
  const times = []
  for (let run = 0; run < runs; run++) {
    await model.gradients()
    times.push((await timed(() => model.update())).time)
  }
  return times
}

globalThis.train = async (steps) => {
  for (let step = 0; step < steps; step++) await model.step()
}

/** All of it, from the import of the side to the last of some steps, between the marks that a trace looks for. */
globalThis.watched = async (side, options, steps) => {
  performance.mark('load')
  await globalThis.load(side, options)
  await globalThis.train(steps)
  performance.mark('loaded')
}

/** What a step asks of the GPU, told apart by its halves. */
globalThis.countCalls = async () => {
  const counted = async (work) => {
    const before = await readCounters()
    await work()
    const after = await readCounters()
    return Object.fromEntries(Object.keys(after).map((name) => [name, after[name] - before[name]]))
  }
  await model.step() // compiles shaders, allocates
  return {
    gradients: await counted(() => model.gradients()),
    update: await counted(() => model.update()),
  }
}

globalThis.ready = true
