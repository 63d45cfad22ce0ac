/**
 * @file jax-js: MiniLM written out in its operations, gradients and AdamW (without clipping) jitted, no dropout. Of its backends
 * `wasm` is the fastest without a GPU. Its jit cannot scatter, so that the table of words is read outside.
 */
import { adamw, BATCH, batch, TOKENS } from './batch.js'
import { config, initial, shapes } from './shape.js'

export async function load({ threads }) {
  // It takes all cores.
  Object.defineProperty(navigator, 'hardwareConcurrency', { value: threads })
  const jax = await import('/jax/index.js')
  const { blockUntilReady, defaultDevice, init, jit, nn, numpy: np, tree, valueAndGrad, vjp } = jax
  await init('wasm')
  defaultDevice('wasm')

  let weights = Object.fromEntries(
    Object.entries(shapes()).map(([name, shape]) => [name, np.array(initial(name, shape)).reshape(shape)]),
  )
  let means = tree.map(np.zerosLike, tree.ref(weights))
  let squares = tree.map(np.zerosLike, tree.ref(weights))
  const given = batch()
  const ids = np.array(Int32Array.from(given.input_ids.flat()))
  const mask = np
    .array(Float32Array.from(given.attention_mask.flat(), (one) => (one - 1) * 1e9))
    .reshape([BATCH, 1, 1, TOKENS])
  const labels = np.array(Int32Array.from(given.labels))

  const linear = (x, w, name) => np.matmul(x, w[`${name}.weight`].ref).add(w[`${name}.bias`].ref)
  const norm = (x, w, name) => {
    const mean = np.mean(x.ref, -1, { keepdims: true })
    const centred = x.sub(mean)
    const variance = np.mean(np.square(centred.ref), -1, { keepdims: true })
    const normal = centred.div(np.sqrt(variance.add(1e-12)))
    return normal.mul(w[`${name}.weight`].ref).add(w[`${name}.bias`].ref)
  }
  const size = config.hidden / config.heads
  const split = (x) => np.transpose(x.reshape([BATCH, TOKENS, config.heads, size]), [0, 2, 1, 3])
  const gelu = (x) => x.ref.mul(0.5).mul(jax.scipySpecial.erf(x.mul(Math.SQRT1_2)).add(1))
  const attention = (x, w, name, mask) => {
    const [q, k, v] = ['query', 'key', 'value'].map((part) => split(linear(x.ref, w, `${name}.${part}`)))
    x.dispose()
    const scores = np
      .matmul(q, np.matrixTranspose(k))
      .mul(1 / Math.sqrt(size))
      .add(mask)
    const mixed = np.transpose(np.matmul(nn.softmax(scores, -1), v), [0, 2, 1, 3])
    return linear(mixed.reshape([BATCH * TOKENS, config.hidden]), w, `${name}.output`)
  }
  const logits = (w, rows, mask) => {
    const places = w.positions.ref.slice([0, TOKENS])
    const type = w.types.ref.slice(0)
    const embedded = rows.reshape([BATCH, TOKENS, config.hidden]).add(places).add(type)
    let x = norm(embedded.reshape([BATCH * TOKENS, config.hidden]), w, 'embeddingNorm')
    for (let i = 0; i < config.layers; i++) {
      const name = `layer${i}`
      x = norm(x.ref.add(attention(x, w, name, mask.ref)), w, `${name}.attentionNorm`)
      x = norm(x.ref.add(linear(gelu(linear(x, w, `${name}.up`)), w, `${name}.down`)), w, `${name}.norm`)
    }
    mask.dispose()
    const first = x.reshape([BATCH, TOKENS, config.hidden]).slice([], 0)
    const result = linear(np.tanh(linear(first, w, 'pooler')), w, 'classifier')
    tree.dispose(w)
    return result
  }
  const loss = ({ rows, ...w }, mask, labels) => {
    const all = nn.logSoftmax(logits(w, rows, mask), -1)
    return np.mean(np.sum(all.mul(nn.oneHot(labels, config.labels)), -1)).neg()
  }
  const gradients = jit(valueAndGrad(loss))
  const { learningRate, betas, eps } = adamw
  const [beta1, beta2] = betas
  const update = jit((w, m, v, slopes, factors) => {
    const means = tree.map((m, g) => m.mul(beta1).add(g.mul(1 - beta1)), m, tree.ref(slopes))
    const squares = tree.map((v, g) => v.mul(beta2).add(np.square(g).mul(1 - beta2)), v, slopes)
    const size = factors.ref.slice(0)
    const correction = factors.slice(1)
    const moved = (w, m, v) =>
      w.mul(1 - learningRate * 0.01).sub(m.mul(size.ref).div(np.sqrt(v).mul(correction.ref).add(eps)))
    const weights = tree.map(moved, w, tree.ref(means), tree.ref(squares))
    size.dispose()
    correction.dispose()
    return { weights, means, squares }
  })
  const forward = jit(logits)
  const lookup = (table) => np.take(table, ids.ref, 0)
  let steps = 0
  return {
    about: { backend: defaultDevice() },
    async forward() {
      const { words, ...others } = tree.ref(weights)
      await forward(others, lookup(words), mask.ref).data()
    },
    async step() {
      steps += 1
      const { words, ...others } = tree.ref(weights)
      const [rows, spread] = vjp(lookup, [words])
      const [value, { rows: slopes, ...rest }] = gradients({ rows, ...others }, mask.ref, labels.ref)
      const [table] = spread(slopes)
      spread.dispose()
      const factors = np.array([learningRate / (1 - beta1 ** steps), 1 / Math.sqrt(1 - beta2 ** steps)])
      ;({ weights, means, squares } = update(weights, means, squares, { words: table, ...rest }, factors))
      await blockUntilReady([weights, means, squares])
      return (await value.data())[0]
    },
  }
}
