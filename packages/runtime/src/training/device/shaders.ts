/** @file The optimizers as shaders over weights that lie end to end. */
import type { Shader } from './compute'

const each = `
  if (index >= settings.count) { return; }
  let i = settings.offset + index;
  let gradient = gradients[i] * settings.factor;`

/** Sums of squares, of so many workgroups. */
export const sumOfSquares = {
  settings: { count: 'u32', groups: 'u32' },
  buffers: ['values', 'results'],
  code: `
  var sum = 0.0;
  for (var i = index; i < settings.count; i += settings.groups * 256u) { sum += values[i] * values[i]; }
  let all = total(sum, local);
  if (local == 0u) { results[group] = all; }`,
} as const satisfies Shader

export const adamw = {
  settings: {
    offset: 'u32',
    count: 'u32',
    factor: 'f32',
    beta1: 'f32',
    rest1: 'f32',
    beta2: 'f32',
    rest2: 'f32',
    decay: 'f32',
    step: 'f32',
    correction: 'f32',
    epsilon: 'f32',
  },
  buffers: ['weights', 'gradients', 'means', 'squares'],
  code: `${each}
  let mean = means[i] * settings.beta1 + gradient * settings.rest1;
  let square = squares[i] * settings.beta2 + gradient * gradient * settings.rest2;
  means[i] = mean;
  squares[i] = square;
  weights[i] = weights[i] * settings.decay
    - settings.step * mean / (sqrt(square) * settings.correction + settings.epsilon);`,
} as const satisfies Shader

export const sgd = {
  settings: { offset: 'u32', count: 'u32', factor: 'f32', rate: 'f32', weightDecay: 'f32' },
  buffers: ['weights', 'gradients'],
  code: `${each}
  weights[i] -= settings.rate * (gradient + settings.weightDecay * weights[i]);`,
} as const satisfies Shader

export const momentum = {
  settings: {
    ...sgd.settings,
    /** How much of the buffer is kept: nothing at first. */
    kept: 'f32',
    /** What of gradient and buffer the weight follows. */
    slopes: 'f32',
    moving: 'f32',
  },
  buffers: ['weights', 'gradients', 'buffer'],
  code: `${each}
  let slope = gradient + settings.weightDecay * weights[i];
  let moving = buffer[i] * settings.kept + slope;
  buffer[i] = moving;
  weights[i] -= settings.rate * (settings.slopes * slope + settings.moving * moving);`,
} as const satisfies Shader
