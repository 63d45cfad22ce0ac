/** @file What was seen, drawn over the picture and told in a list. */
import type { DetectedObject, EstimatedDepth, ImageSegment } from 'webformers'
import { element, make } from '../../shared/dom'
import type { Seen } from './models'
import type { Stage } from './stage'

/** A line of the list. */
interface Line {
  readonly name: string
  readonly hue: number
  /** From 0 to 1; of what has none, how much of the picture it is. */
  readonly share: number
  readonly words: string
}

const percent = (share: number) => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`

/** Each name has its colour, whatever else is there. */
function hueOf(name: string): number {
  let hash = 7
  for (const letter of name) hash = (hash * 31 + letter.codePointAt(0)!) % 1009
  return (hash * 137.5) % 360
}

const colour = (hue: number, alpha = 1) => `oklch(0.78 0.16 ${hue} / ${alpha})`

export function clear({ overlay }: Stage): void {
  overlay.getContext('2d')!.clearRect(0, 0, overlay.width, overlay.height)
  element('tags', HTMLElement).replaceChildren()
}

/** @param threshold how sure the model has to be of a box
 * @param chosen the name that stands out */
export function show(seen: Seen, stage: Stage, threshold: number, chosen: string | undefined): void {
  clear(stage)
  const lines = linesOf(seen, threshold)
  if (seen.view === 'boxes') drawBoxes(surer(seen.found, threshold), stage, chosen)
  if (seen.view === 'masks') drawMasks(seen.found, stage, chosen)
  if (seen.view === 'depth') drawDepth(seen.found, stage)
  element('legend', HTMLElement).replaceChildren(
    ...(lines.length > 0 ? lines.map(lineItem) : [make('li', { className: 'nothing' }, nothing(seen))]),
  )
}

function nothing({ view }: Seen): string {
  if (view === 'depth') return 'Warm is where the value is large: near, for models of relative depth.'
  return view === 'boxes' ? 'Nothing that it is sure enough of.' : 'Nothing.'
}

const surer = (found: readonly DetectedObject[], threshold: number) =>
  found.filter(({ score }) => score > threshold)

function linesOf(seen: Seen, threshold: number): Line[] {
  if (seen.view === 'depth') return []
  if (seen.view === 'labels')
    return seen.found.map(({ label, score }) => ({
      name: label,
      hue: hueOf(label),
      share: score,
      words: percent(score),
    }))
  if (seen.view === 'boxes')
    return surer(seen.found, threshold)
      .toSorted((a, b) => b.score - a.score)
      .map(({ label, score }) => ({ name: label, hue: hueOf(label), share: score, words: percent(score) }))
  return seen.found
    .map(({ label, mask }) => {
      const share = Array.from(mask.data).filter((value) => value > 0).length / mask.data.length
      return { name: label, hue: hueOf(label), share, words: `${percent(share)} of the picture` }
    })
    .toSorted((a, b) => b.share - a.share)
}

function lineItem({ name, hue, share, words }: Line): HTMLLIElement {
  const item = make(
    'li',
    { tabIndex: 0 },
    make('span', {}, name),
    make('span', { className: 'number' }, words),
  )
  item.dataset.name = name
  item.style.setProperty('--hue', String(hue))
  item.style.setProperty('--share', share.toFixed(3))
  return item
}

function drawBoxes(found: readonly DetectedObject[], { overlay }: Stage, chosen: string | undefined) {
  const context = overlay.getContext('2d')!
  const width = Math.max(2, overlay.width / 200)
  const tags = found.map(({ label, score, box: { xmin, ymin, xmax, ymax } }) => {
    const faded = chosen !== undefined && chosen !== label
    context.lineWidth = width
    context.strokeStyle = colour(hueOf(label), faded ? 0.25 : 1)
    context.strokeRect(xmin, ymin, xmax - xmin, ymax - ymin)
    const tag = make('li', { className: faded ? 'faded' : '' }, `${label} ${percent(score)}`)
    tag.style.setProperty('--hue', String(hueOf(label)))
    tag.style.left = percent(Math.max(0, xmin) / overlay.width)
    tag.style.top = percent(Math.max(0, ymin) / overlay.height)
    return tag
  })
  element('tags', HTMLElement).replaceChildren(...tags)
}

function drawMasks(found: readonly ImageSegment[], { overlay }: Stage, chosen: string | undefined) {
  const context = overlay.getContext('2d')!
  const pixels = context.createImageData(overlay.width, overlay.height)
  for (const { label, mask } of found) {
    const [red, green, blue] = rgbOf(hueOf(label))
    const alpha = chosen === undefined || chosen === label ? 150 : 30
    for (const [i, value] of mask.data.entries()) {
      if (value === 0) continue
      pixels.data.set([red, green, blue, alpha], 4 * i)
    }
  }
  context.putImageData(pixels, 0, 0)
}

/** What the browser makes of a colour. */
function rgbOf(hue: number): [number, number, number] {
  const context = new OffscreenCanvas(1, 1).getContext('2d')!
  context.fillStyle = colour(hue)
  context.fillRect(0, 0, 1, 1)
  const [red, green, blue] = context.getImageData(0, 0, 1, 1).data
  return [red!, green!, blue!]
}

/** Near is warm, far is cold; evenly spaced to the eye. */
const RAMP = [
  'oklch(0.25 0.12 275)',
  'oklch(0.5 0.15 250)',
  'oklch(0.72 0.13 190)',
  'oklch(0.85 0.16 110)',
  'oklch(0.93 0.13 85)',
]

function drawDepth({ depth }: EstimatedDepth, { overlay }: Stage) {
  const colours = rampColours()
  const context = overlay.getContext('2d')!
  const pixels = context.createImageData(overlay.width, overlay.height)
  for (const [i, value] of depth.data.entries())
    pixels.data.set(colours.subarray(4 * value, 4 * value + 4), 4 * i)
  context.putImageData(pixels, 0, 0)
}

function rampColours(): Uint8ClampedArray {
  const context = new OffscreenCanvas(256, 1).getContext('2d')!
  const ramp = context.createLinearGradient(0, 0, 256, 0)
  for (const [i, stop] of RAMP.entries()) ramp.addColorStop(i / (RAMP.length - 1), stop)
  context.fillStyle = ramp
  context.fillRect(0, 0, 256, 1)
  const { data } = context.getImageData(0, 0, 256, 1)
  for (let i = 3; i < data.length; i += 4) data[i] = 215
  return data
}

/** What lies at a point of the picture, in words. */
export function wordsAt(seen: Seen, x: number, y: number): string {
  if (seen.view === 'depth') {
    const { depth, predicted_depth } = seen.found
    const place = Math.floor(y * depth.height) * depth.width + Math.floor(x * depth.width)
    return `Depth there: ${predicted_depth.data[place]!.toFixed(3)}`
  }
  if (seen.view !== 'masks') return ''
  const here = seen.found.filter(
    ({ mask }) => mask.data[Math.floor(y * mask.height) * mask.width + Math.floor(x * mask.width)]! > 0,
  )
  return here.map(({ label }) => label).join(', ')
}
