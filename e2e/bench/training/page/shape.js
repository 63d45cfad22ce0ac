/** @file The parameters of MiniLM with a classifier of two labels, as the peers lay them out: random, for speed does not ask. */

export const config = {
  layers: 6,
  hidden: 384,
  heads: 12,
  inner: 1536,
  vocabulary: 30522,
  positions: 512,
  labels: 2,
}

/** Shapes by name; matrices as [inputs, outputs]. */
export function shapes({ layers, hidden, inner, vocabulary, positions, labels } = config) {
  const linear = (name, inputs, outputs) => ({
    [`${name}.weight`]: [inputs, outputs],
    [`${name}.bias`]: [outputs],
  })
  const norm = (name) => ({ [`${name}.weight`]: [hidden], [`${name}.bias`]: [hidden] })
  const layer = (name) => ({
    ...linear(`${name}.query`, hidden, hidden),
    ...linear(`${name}.key`, hidden, hidden),
    ...linear(`${name}.value`, hidden, hidden),
    ...linear(`${name}.output`, hidden, hidden),
    ...norm(`${name}.attentionNorm`),
    ...linear(`${name}.up`, hidden, inner),
    ...linear(`${name}.down`, inner, hidden),
    ...norm(`${name}.norm`),
  })
  return {
    words: [vocabulary, hidden],
    positions: [positions, hidden],
    types: [2, hidden],
    ...norm('embeddingNorm'),
    ...Object.assign({}, ...Array.from({ length: layers }, (_, i) => layer(`layer${i}`))),
    ...linear('pooler', hidden, hidden),
    ...linear('classifier', hidden, labels),
  }
}

/** Small numbers for matrices, ones and zeros for norms and biases. */
export function initial(name, shape) {
  const data = new Float32Array(shape.reduce((a, b) => a * b, 1))
  if (name.endsWith('Norm.weight') || name.endsWith('norm.weight')) return data.fill(1)
  if (name.endsWith('bias')) return data
  for (let i = 0; i < data.length; i++) data[i] = 0.07 * (Math.random() - 0.5)
  return data
}
