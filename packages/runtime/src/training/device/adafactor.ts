/** @file Adafactor on the GPU: six shaders for each weight, a workgroup for each of its rows. */
import { keptSquares, relativeRate } from '../adafactor-rates'
import { matricesOf } from '../moments'
import type { Adafactor } from '../program'
import { type Compute, GROUP, type Shader } from './compute'
import type { Segment, UpdateSegment } from './segment'

const matrix = {
  /** Where the weight, its rows and its columns begin among all. */
  offset: 'u32',
  rowOffset: 'u32',
  columnOffset: 'u32',
  matrices: 'u32',
  rows: 'u32',
  columns: 'u32',
  factor: 'f32',
} as const

const slope = (i: string) => `let slope = gradients[${i}] * settings.factor;`

/** The mean square of a row's gradients, and the sum of its weights' squares. */
const rows = {
  settings: { ...matrix, epsilon: 'f32', kept: 'f32' },
  buffers: ['weights', 'gradients', 'rowMeans', 'sums'],
  code: `
  var squares = 0.0;
  var weightSquares = 0.0;
  for (var column = local; column < settings.columns; column += ${GROUP}u) {
    let i = settings.offset + group * settings.columns + column;
    ${slope('i')}
    squares += slope * slope + settings.epsilon;
    weightSquares += weights[i] * weights[i];
  }
  let square = total(squares, local) / f32(settings.columns);
  let weightSquare = total(weightSquares, local);
  if (local == 0u && group < settings.matrices * settings.rows) {
    let row = settings.rowOffset + group;
    rowMeans[row] = rowMeans[row] * settings.kept + square * (1.0 - settings.kept);
    sums[group] = weightSquare;
  }`,
} as const satisfies Shader

/** The mean square of a column's gradients. */
const columns = {
  settings: rows.settings,
  buffers: ['gradients', 'columnMeans'],
  code: `
  if (index >= settings.matrices * settings.columns) { return; }
  let first = index / settings.columns * settings.rows * settings.columns + index % settings.columns;
  var squares = 0.0;
  for (var row = 0u; row < settings.rows; row++) {
    ${slope('settings.offset + first + row * settings.columns')}
    squares += slope * slope + settings.epsilon;
  }
  let column = settings.columnOffset + index;
  columnMeans[column] = columnMeans[column] * settings.kept
    + squares / f32(settings.rows) * (1.0 - settings.kept);`,
} as const satisfies Shader

/** The learning rate, and behind it the mean over the rows of each matrix. */
const rates = {
  settings: { ...matrix, rate: 'f32', leastScale: 'f32', scaled: 'u32' },
  buffers: ['rowMeans', 'sums', 'scalars'],
  code: `
  var weightSquares = 0.0;
  let rows = settings.matrices * settings.rows;
  for (var row = local; row < rows; row += ${GROUP}u) { weightSquares += sums[row]; }
  let rms = sqrt(total(weightSquares, local) / f32(rows * settings.columns));
  if (local == 0u) {
    scalars[0] = settings.rate * select(1.0, max(settings.leastScale, rms), settings.scaled == 1u);
  }
  for (var matrix = 0u; matrix < settings.matrices; matrix++) {
    var sum = 0.0;
    for (var row = local; row < settings.rows; row += ${GROUP}u) {
      sum += rowMeans[settings.rowOffset + matrix * settings.rows + row];
    }
    let mean = total(sum, local) / f32(settings.rows);
    if (local == 0u) { scalars[2u + matrix] = mean; }
  }`,
} as const satisfies Shader

const update = (row: string, column: string) => `
    let mean = scalars[2u + ${row} / settings.rows];
    let columnMean = columnMeans[settings.columnOffset + ${row} / settings.rows * settings.columns + ${column}];
    let update = slope * sqrt(mean / rowMeans[settings.rowOffset + ${row}]) * inverseSqrt(columnMean);`

/** The sum of the squares of a row's updates. */
const updateSquares = {
  settings: matrix,
  buffers: ['gradients', 'rowMeans', 'columnMeans', 'scalars', 'sums'],
  code: `
  var squares = 0.0;
  for (var column = local; column < settings.columns; column += ${GROUP}u) {
    ${slope('settings.offset + group * settings.columns + column')}
    ${update('group', 'column')}
    squares += update * update;
  }
  let all = total(squares, local);
  if (local == 0u && group < settings.matrices * settings.rows) { sums[group] = all; }`,
} as const satisfies Shader

/** What updates are multiplied by. */
const clip = {
  settings: { ...matrix, threshold: 'f32' },
  buffers: ['sums', 'scalars'],
  code: `
  var squares = 0.0;
  let rows = settings.matrices * settings.rows;
  for (var row = local; row < rows; row += ${GROUP}u) { squares += sums[row]; }
  let rms = sqrt(total(squares, local) / f32(rows * settings.columns));
  if (local == 0u) { scalars[1] = scalars[0] / max(1.0, rms / settings.threshold); }`,
} as const satisfies Shader

const applied = {
  settings: { ...matrix, weightDecay: 'f32', beta1: 'f32', rest1: 'f32' },
  buffers: ['weights', 'gradients', 'rowMeans', 'columnMeans', 'scalars'],
  code: (change: string) => `
  if (index >= settings.matrices * settings.rows * settings.columns) { return; }
  let i = settings.offset + index;
  let row = index / settings.columns;
  let column = index % settings.columns;
  ${slope('i')}
  ${update('row', 'column')}
  var change = update * scalars[1];
  ${change}
  weights[i] = weights[i] - settings.weightDecay * scalars[0] * weights[i] - change;`,
} as const
const apply = { ...applied, code: applied.code('') } as const satisfies Shader
const applyMean = {
  ...applied,
  buffers: [...applied.buffers, 'means'],
  code: applied.code(`
  change = means[i] * settings.beta1 + change * settings.rest1;
  means[i] = change;`),
} as const satisfies Shader

/** Buffers of what is remembered, and of what is not. */
export interface AdafactorBuffers {
  readonly rowMeans: GPUBuffer
  readonly columnMeans: GPUBuffer
  readonly means: GPUBuffer | undefined
  /** A number for each row of a weight. */
  readonly sums: GPUBuffer
  /** Two, and one for each matrix of a weight. */
  readonly scalars: GPUBuffer
}

export function adafactor(options: Adafactor, compute: Compute, buffers: AdafactorBuffers): UpdateSegment {
  const { eps, clipThreshold, beta1 = 0, scaleParameter } = options
  const { rowMeans, columnMeans, means, sums, scalars } = buffers
  return (segment: Segment, { weights, gradients }, { learningRate, weightDecay, factor, step }) => {
    const { offset, rowOffset, columnOffset, shape } = segment
    const place = { offset, rowOffset, columnOffset, ...matricesOf(shape), factor }
    const perRow = place.matrices * place.rows
    const squares = { ...place, epsilon: eps[0], kept: keptSquares(options, step) }
    const rate = relativeRate(options, step, learningRate)
    const change = { ...place, weightDecay, beta1, rest1: 1 - beta1 }
    const elements = Math.ceil((perRow * place.columns) / GROUP)
    compute.add(rows, [weights, gradients, rowMeans, sums], squares, perRow)
    compute.add(
      columns,
      [gradients, columnMeans],
      squares,
      Math.ceil((place.matrices * place.columns) / GROUP),
    )
    compute.add(
      rates,
      [rowMeans, sums, scalars],
      { ...place, rate, leastScale: eps[1], scaled: Number(scaleParameter) },
      1,
    )
    compute.add(updateSquares, [gradients, rowMeans, columnMeans, scalars, sums], place, perRow)
    compute.add(clip, [sums, scalars], { ...place, threshold: clipThreshold }, 1)
    const changed = [weights, gradients, rowMeans, columnMeans, scalars]
    if (means) compute.add(applyMean, [...changed, means], change, elements)
    else compute.add(apply, changed, change, elements)
  }
}
