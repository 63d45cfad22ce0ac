/**
 * @file `npm run bench -- images [--quick] [--built]`: a photograph of 12 million pixels, from its JPEG to what ViT and CLIP take of it,
 * by our image processors and by those of transformers.js, in one Chromium.
 */
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { launch } from '../../browser.mjs'
import { verdict } from '../metrics.mjs'
import { open } from '../pages.mjs'
import { openStage } from '../stage.mjs'
import { median, summary } from '../statistics.mjs'
import { watchTasks } from '../tasks.mjs'

const { values: flags } = parseArgs({
  options: { quick: { type: 'boolean' }, fresh: { type: 'boolean' }, built: { type: 'boolean' } },
})
const rounds = flags.quick ? 2 : 5
const calls = flags.quick ? 3 : 7
const photograph = { image: '/photographs/cat.jpg', width: 4000, height: 3000 }
const names = { ours: 'webformers', peer: 'transformers.js' }

const standard = { do_resize: true, do_rescale: true, rescale_factor: 1 / 255, do_normalize: true }
const half = [0.5, 0.5, 0.5]
const processors = {
  'ViT, bilinear to 224 × 224': {
    ...standard,
    image_processor_type: 'ViTImageProcessor',
    size: { height: 224, width: 224 },
    resample: 2,
    image_mean: half,
    image_std: half,
  },
  'ViT, lanczos to 224 × 224': {
    ...standard,
    image_processor_type: 'ViTImageProcessor',
    size: { height: 224, width: 224 },
    resample: 1,
    image_mean: half,
    image_std: half,
  },
  'CLIP, bicubic and cropped to 224 × 224': {
    ...standard,
    image_processor_type: 'CLIPImageProcessor',
    size: { shortest_edge: 224 },
    resample: 3,
    do_center_crop: true,
    crop_size: { height: 224, width: 224 },
    image_mean: [0.48145466, 0.4578275, 0.40821073],
    image_std: [0.26862954, 0.26130258, 0.27577711],
  },
}

const photographs = fileURLToPath(new URL('../../../packages/processors/fixtures/images', import.meta.url))
const stage = await openStage(new URL('page', import.meta.url), {
  prepare: async () => ({ '/photographs/': photographs }),
  built: flags.built,
})
const browser = await launch()

async function measure(side, processor) {
  const page = await browser.newPage()
  try {
    await open(page, stage.url, { side, options: { ...photograph, processor } })
    await page.evaluate(() => globalThis.warmUp(2))
    const longestTask = await watchTasks(page)
    const { times, gap } = await page.evaluate((calls) => globalThis.measure(calls), calls)
    const tasks = await longestTask()
    return { time: median(times), gap, ...tasks, features: await page.evaluate(() => globalThis.features()) }
  } finally {
    await page.close()
  }
}

function row(group, samples, name, unit, read, aim) {
  const [ours, peer] = [samples.ours.map(read), samples.peer.map(read)]
  const compared = {
    ours: summary(ours),
    peer: summary(peer),
    ratio: summary(ours.map((value, round) => value / peer[round])),
  }
  return { group, name, unit, aim, ...compared, verdict: verdict({ ...compared, aim }) }
}

try {
  const rows = []
  const measured = {}
  for (const [title, processor] of Object.entries(processors)) {
    const samples = { ours: [], peer: [] }
    let apart
    for (let round = 0; round < rounds; round++) {
      // Who comes first changes each time.
      for (const side of round % 2 ? ['peer', 'ours'] : ['ours', 'peer']) {
        const { features, ...sample } = await measure(side, processor)
        samples[side].push(sample)
        apart ??= features
        if (apart !== features && round === 0) apart = features.map((value, i) => Math.abs(value - apart[i]))
        const { time, gap, task } = sample
        console.log(
          `${round + 1}/${rounds} ${title}, ${names[side]}: ${time.toFixed(0)} ms, longest task ${task.toFixed(0)} ms, wait ${gap.toFixed(0)} ms`,
        )
      }
    }
    const mean = apart.reduce((sum, value) => sum + value, 0) / apart.length
    console.log(
      `The pixels of both differ by ${mean.toFixed(3)} on average, by ${apart.reduce((most, value) => Math.max(most, value), 0).toFixed(2)} at most.`,
    )
    rows.push(
      row(title, samples, 'time', 'ms', ({ time }) => time, { ratio: 0.5 }),
      row(title, samples, 'longest task of the main thread', 'ms', ({ task }) => task, { most: 50 }),
      row(title, samples, '… counting only time with a core', 'ms', ({ work }) => work),
      row(title, samples, 'longest wait of a timer', 'ms', ({ gap }) => gap),
    )
    measured[title] = samples
  }
  await stage.report('images-report', {
    rounds,
    threads: undefined,
    title: "webformers' images against transformers.js",
    subject: `a JPEG of ${photograph.width} × ${photograph.height}, ${calls} calls a round after two to warm up`,
    names,
    rows,
    samples: measured,
  })
} finally {
  await browser.close()
  await stage.close()
}
